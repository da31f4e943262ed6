"""What a model is trained on: columns of samples, mini-batches, batches made ahead."""
