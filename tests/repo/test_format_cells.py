"""Each pair of formats has a test that runs the result in the browser: which, and that it is there and runs in CI."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

FORMATS, CELL = "browser/test_formats_in_the_browser.py", "browser/test_every_cell.py"
LINES, API = "end_to_end/test_upstreams_command_lines.py", "browser/test_python_api.py"
AGAIN, JAX = "browser/test_tfjs_models_again.py", "browser/test_jax_functions.py"
TABLES, STATE = "browser/test_tables_in_the_browser.py", "browser/test_state_in_the_browser.py"
LAYERS, CONVERTED = "browser/test_layers_models.py", "browser/test_converted_models.py"

CELLS: dict[tuple[str, str], tuple[str, ...]] = {
    ("SavedModel of TensorFlow 2", "graph"): (
        f"{LINES}::test_graph_models",
        f"{API}::test_several_signatures_into_folders_of_their_own",
        f"{CONVERTED}::test_the_runtime_gives_the_originals_answers",
        f"{TABLES}::test_tables_in_both_directions",
        f"{STATE}::test_a_counter_and_a_memory",
    ),
    ("SavedModel of TensorFlow 2", "layers"): (f"{LINES}::test_a_keras_model_beside_a_graph",),
    ("SavedModel of TensorFlow 1", "graph"): (
        f"{FORMATS}::test_the_runtime_gives_tensorflows_numbers",
        f"{CELL}::test_tables_of_tensorflow_1",
    ),
    ("TensorFlow Hub: folder, archive, address, both formats", "graph"): (
        f"{FORMATS}::test_the_runtime_gives_tensorflows_numbers",
        f"{LINES}::test_graph_models",
    ),
    ("Kaggle handle", "graph"): (f"{CELL}::test_a_kaggle_handle",),
    ("frozen graph", "graph"): (
        f"{FORMATS}::test_the_runtime_gives_tensorflows_numbers",
        f"{FORMATS}::test_loops_and_branches_of_tensorflow_1",
        f"{CELL}::test_tables_of_tensorflow_1",
        f"{LINES}::test_graph_models",
    ),
    (".h5 of Keras 3", "graph"): (f"{LINES}::test_graph_models",),
    (".h5 of Keras 3", "layers"): (
        f"{LAYERS}::test_an_h5_file_becomes_the_same_layers_model",
        f"{LINES}::test_layers_models_and_what_is_made_of_them",
    ),
    (".h5 of Keras 2", "graph and layers"): (f"{CELL}::test_a_trained_model_of_keras_2",),
    ("weights alone with the JSON", "graph and layers"): (
        f"{CELL}::test_weights_alone_of_keras_3",
        f"{CELL}::test_a_trained_model_of_keras_2",
        f"{LINES}::test_a_keras_model_in_parts",
    ),
    (".keras", "graph"): (f"{LINES}::test_graph_models", f"{CONVERTED}::test_the_runtime_gives_the_originals_answers"),
    (".keras", "layers"): (
        f"{LAYERS}::test_a_layers_model_gives_keras_predictions",
        f"{LINES}::test_layers_models_and_what_is_made_of_them",
    ),
    ("unpacked .keras", "graph and layers"): (f"{LINES}::test_a_keras_model_in_parts",),
    ("layers model", "graph"): (
        f"{AGAIN}::TestLayersModels::test_written_again_and_as_a_graph",
        f"{LINES}::test_layers_models_and_what_is_made_of_them",
    ),
    ("layers model", "layers"): (
        f"{AGAIN}::TestLayersModels::test_written_again_and_as_a_graph",
        f"{AGAIN}::TestLayersModels::test_in_fewer_bytes",
    ),
    ("layers model", ".h5, .keras, SavedModel"): (
        f"{CELL}::test_a_layers_model_goes_back_and_comes_again",
        f"{AGAIN}::TestLayersModels::test_there_and_back_again",
        f"{LINES}::test_back_to_keras",
    ),
    ("graph model", "graph"): (
        f"{AGAIN}::TestGraphModels::test_fused_ops_in_fewer_bytes_on_every_backend",
        f"{CELL}::test_a_graph_model_goes_back_and_comes_again",
    ),
    ("graph model", "SavedModel, frozen graph"): (
        f"{CELL}::test_a_graph_model_goes_back_and_comes_again",
        f"{TABLES}::test_they_come_back_from_a_saved_model_that_was_made_of_them",
    ),
    ("keras.Model in Python", "graph and layers"): (f"{CELL}::test_a_model_in_python",),
    ("tf.function, concrete function, tf.Module", "graph"): (
        f"{CELL}::test_a_model_in_python",
        f"{API}::test_outputs_that_are_one_tensor_an_input_or_a_weight",
        f"{API}::test_nested_inputs_and_outputs",
    ),
    ("JAX function", "graph"): (f"{JAX}::test_a_net_gives_jaxs_numbers",),
}


def functions_of(file: Path) -> dict[str, list[str]]:
    """Each test by its name (``Class::name`` in a class), with what it is decorated with."""
    found = {}
    for node in ast.parse(file.read_text("utf-8")).body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        for each in inside:
            if isinstance(each, ast.FunctionDef):
                found[f"{prefix}{each.name}"] = [ast.unparse(decorator) for decorator in each.decorator_list]
    return found


@pytest.mark.parametrize("cell", CELLS, ids=" -> ".join)
def test_each_pair_of_formats_has_its_tests(cell: tuple[str, str]) -> None:
    for test in CELLS[cell]:
        path, _, name = test.partition("::")
        assert path.startswith(("browser/", "end_to_end/")), "the others have no browser"
        decorators = functions_of(TESTS / path)
        assert name in decorators, f"{test} is gone"
        assert not any("mark.slow" in line or "skip" in line for line in decorators[name] if "parametrize" not in line)
