"""Small models with trained weights, made on the spot from data that comes with scikit-learn: what quantising is measured on."""
