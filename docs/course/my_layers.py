"""my_layers.py: a layer of my own."""

from pydantic import Field

from nnfs_cli import Layer, Uniform, layer


@layer("distance")
class Distance(Layer):
    """Squared distances of x from learned points, its centers."""

    units: int = Field(gt=0, description="how many centers")

    def build(self, input_shape):
        """Declare the parameters; return the shape of the output."""
        shape = (*input_shape, self.units)
        self.centers = self.parameter("centers", shape, Uniform(low=-1, high=1))
        return (self.units,)

    def forward(self, x, training):
        """y_j = Σ_i (x_i - c_ij)²."""
        self.offsets = x[:, :, None] - self.centers.value  # (samples, inputs, units)
        return (self.offsets**2).sum(axis=1)

    def backward(self, dy):
        """dL/dc_ij = Σ -2 (x_i - c_ij) dy_j over the batch, dL/dx_i = Σ_j 2 (x_i - c_ij) dy_j."""
        slopes = 2 * self.offsets * dy[:, None, :]
        self.centers.grad[:] = -slopes.sum(axis=0)
        return slopes.sum(axis=2)
