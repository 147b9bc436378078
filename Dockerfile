# The image of the action and of `docker run`: Python, TensorFlow for the CPU, Chromium's headless shell, and the three
# TensorFlow.js packages' runtime files. No npm, no compiler, and nothing is fetched when it runs.

FROM node:20-bookworm-slim AS runtime
WORKDIR /runtime
COPY tfjsci/runtime/package.json tfjsci/runtime/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-bookworm AS packages
RUN apt-get update && apt-get install -y --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
COPY script/image/requirements.txt /build/requirements.txt
# --no-deps: the file is complete, and tensorflow-cpu stands in for the tensorflow that tfjsci asks for.
RUN pip install --no-cache-dir --no-compile --no-deps --require-hashes --target /packages -r /build/requirements.txt
# What only builds and debuggers read: headers, symbols, tests, tools.
COPY script/image/slim /build/slim
RUN /build/slim /packages
COPY pyproject.toml README.md LICENSE /build/source/
COPY script /build/source/script
COPY tfjsci /build/source/tfjsci
COPY --from=runtime /runtime/node_modules /build/node_modules
RUN cd /build/source && pip install --no-cache-dir --target /build/tools hatchling \
 && PYTHONPATH=/packages python script/install_runtime.py --from /build/node_modules \
 && PYTHONPATH=/build/tools pip install --no-cache-dir --no-compile --no-deps --no-build-isolation --target /packages .

FROM python:3.11-slim-bookworm
# chromium-headless-shell renders as chromium does, without its windows; git reads a baseline's worktree.
# Mesa's drivers with their LLVM, and the layer that validates Vulkan, come along by dependency: Chromium brings its own
# software renderer, and a docker action never has a GPU. libatomic1 is for the Node.js inside of Playwright.
RUN apt-get update \
 && apt-get install -y --no-install-recommends chromium-headless-shell git libatomic1 tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/share/doc/* /usr/share/man/* /var/log/apt /var/log/dpkg.log \
    /usr/lib/x86_64-linux-gnu/libLLVM-*.so* /usr/lib/x86_64-linux-gnu/libz3.so* /usr/lib/x86_64-linux-gnu/dri \
    /usr/lib/chromium/libVkLayer_khronos_validation.so \
 && git config --system --add safe.directory '*'
COPY --from=packages /packages /opt/tfjsci
COPY entrypoint.py /opt/entrypoint.py
# HOME is /github/home in a workflow, and the image may be read-only: nothing is looked for or written there, nor by Keras,
# which would leave a file of root's to the runner.
ENV PYTHONPATH=/opt/tfjsci \
    KERAS_HOME=/opt/keras \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TFJSCI_BROWSER=/usr/bin/chromium-headless-shell
# tini, because Chromium leaves children behind that the first process of a container has to reap.
ENTRYPOINT ["tini", "--", "python", "/opt/entrypoint.py"]
