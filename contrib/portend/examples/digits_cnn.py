"""A small convolutional network with three exits, for scripts/profile-model.

It reads handwritten digits: the 1,797 images that come with scikit-learn (python3-sklearn), 8 x 8
pixels enlarged to 32 x 32. Trained on the spot, in about half a minute: the seeds are fixed, so that
a machine always gives the same network.
"""

import torch
from torch import nn

SEED = 1
EPOCHS = 15
SPLITS = {"train": 897, "validation": 450, "test": 450}  # samples


def make_block(inputs, outputs):
    """Two convolutions, of which the second halves width and height."""
    layers = []
    for channels, stride in ((inputs, 1), (outputs, 2)):
        layers += [nn.Conv2d(channels, outputs, 3, stride, 1), nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers)


def make_branch(channels):
    """A classifier of digits."""
    return nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * channels, 10))


torch.manual_seed(SEED)
blocks = [make_block(1, 16), make_block(16, 32), make_block(32, 64)]
branches = [make_branch(16), make_branch(32), make_branch(64)]
input = torch.zeros(1, 1, 32, 32)  # pylint: disable=redefined-builtin


def data():
    """Train the network, and return what it has not seen."""
    from sklearn.datasets import load_digits  # pylint: disable=import-outside-toplevel

    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16
    images = nn.functional.interpolate(images, size=32, mode="bilinear", align_corners=False)
    labels = torch.tensor(digits.target)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(SEED))
    parts = dict(zip(SPLITS, order.split(list(SPLITS.values()))))
    train(images[parts["train"]], labels[parts["train"]])
    return {name: (images[parts[name]], labels[parts[name]]) for name in ("validation", "test")}


def train(images, labels):
    """Train all branches together."""
    modules = nn.ModuleList(blocks + branches)
    modules.train()
    optimizer = torch.optim.Adam(modules.parameters(), lr=2e-3)
    for epoch in range(EPOCHS):
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(epoch))
        for batch in order.split(32):
            value, loss = images[batch], 0
            for block, branch in zip(blocks, branches):
                value = block(value)
                loss = loss + nn.functional.cross_entropy(branch(value), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
