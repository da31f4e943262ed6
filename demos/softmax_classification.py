"""Softmax: one probability a class, and cross-entropy, for all three species of iris."""

from pathlib import Path

import nn
from demos import iris
from demos.pictures import save_plot
from viz.plots import plot_history


def main(out: Path) -> list[Path]:
    """Train on seven flowers of ten, test on the others, and count what is taken for what."""
    X, y, X_test, y_test = iris.split(*iris.load())
    model = nn.MLP(4, [5, 3], activation="tanh", output="softmax", rng=0)
    print(f"{model}\n{len(X)} flowers for training, {len(X_test)} for testing\n")
    history = nn.fit(
        model,
        X,
        y,
        loss="cross_entropy",
        lr=0.05,
        epochs=40,
        batch_size=20,
        rng=0,
        validation=(X_test, y_test),
        progress=False,
    )
    train, test = nn.predict(model, X), nn.predict(model, X_test)
    print(f"accuracy: training {nn.accuracy(train, y):.1%}, test {nn.accuracy(test, y_test):.1%}")

    print("\ntest flowers, a row for each true species, a column for each predicted one")
    print(" " * 12 + "".join(f"{name:>12}" for name in iris.SPECIES))
    for name, row in zip(
        iris.SPECIES, nn.confusion_matrix(nn.predict_classes(test), y_test), strict=True
    ):
        print(f"{name:12}" + "".join(f"{count:12}" for count in row))

    x = X_test[0].tolist()
    probabilities = [f"{name} {p:.3f}" for name, p in zip(iris.SPECIES, model(x), strict=True)]
    print(f"\nthe first of them is a {iris.SPECIES[y_test[0]]}: {', '.join(probabilities)}")
    return save_plot(lambda: plot_history(history), out, "softmax_classification")
