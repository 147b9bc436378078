"""One model from its source to a folder, and what there is to say of it: the ``convert`` of the API and of both commands."""
