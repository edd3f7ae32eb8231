using ArTar.Workbench;
using ArTar.Workbench.Analysis;
using ArTar.Workbench.Models;
using static TorchSharp.torch;

namespace ArTar.Tests.Analysis;

public class ProbeTests
{
    [Fact]
    public void A_scaled_identity_is_recognised()
    {
        using var scope = NewDisposeScope();
        var probe = RecurrentMatrix.Measure(0.7 * eye(12));
        Assert.Equal(0.7, probe.NearestMultiple, 6);
        Assert.Equal(0, probe.DistanceToIdentity, 6);
        Assert.Equal(1, probe.DiagonalMass, 6);
        Assert.All(probe.SingularValues, s => Assert.Equal(0.7, s, 6));
        Assert.All(probe.Eigenvalues, e => Assert.Equal(0, (e - 0.7).Magnitude, 6));
    }

    [Fact]
    public void A_rotation_is_far_from_the_identity_and_has_its_eigenvalues_on_the_unit_circle()
    {
        using var scope = NewDisposeScope();
        var probe = RecurrentMatrix.Measure(tensor(new float[] { 0, -1, 1, 0 }).view(2, 2));
        Assert.Equal(1, probe.DistanceToIdentity, 6);
        Assert.Equal(0, probe.DiagonalMass, 6);
        Assert.All(probe.Eigenvalues, e => Assert.Equal((0, 1), (Math.Round(e.Real, 6), Math.Round(Math.Abs(e.Imaginary), 6))));
    }

    [Fact]
    public void A_random_matrix_lies_where_the_documentation_says()
    {
        using var scope = NewDisposeScope();
        const int size = 200;
        manual_seed(5);
        var probe = RecurrentMatrix.Measure(randn(size, size));
        Assert.InRange(probe.DistanceToIdentity, 0.98, 1);
        Assert.InRange(probe.DiagonalMass, 0.5 / size, 2.0 / size);
    }

    [Fact]
    public void A_model_with_gates_has_no_single_recurrent_matrix()
    {
        using var model = new LanguageModel(Cell.Gru, vocabulary: 5, hidden: 4);
        var error = Assert.Throws<WorkbenchException>(() => RecurrentMatrix.Measure(model, layer: 0));
        Assert.Contains("only a tanh RNN", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Tanh)]
    public void Hidden_state_figures_agree_with_plain_loops(Cell cell)
    {
        const int batch = 3, length = 5, hidden = 6, vocabulary = 11;
        manual_seed(7);
        using var model = new LanguageModel(cell, vocabulary, hidden, dropout: 0.5, embeddingRange: 1);
        var random = new Random(7);
        int[] tokens = [.. Enumerable.Range(0, 100).Select(_ => random.Next(vocabulary))];
        var probe = HiddenStates.Measure(model, tokens, CPU, batch, length);

        // The same by one long window for each column, and loops over the numbers.
        model.eval();
        using var scope = NewDisposeScope();
        var steps = tokens.Length / batch - 1;
        var h = new float[steps, batch, hidden];
        for (var b = 0; b < batch; b++)
        {
            var column = tensor(tokens.Skip(b * (steps + 1)).Take(steps).Select(t => (long)t).ToArray()).view(-1, 1);
            var raw = model.Forward(column, model.InitialState(1)).Raw.data<float>().ToArray();
            for (var t = 0; t < steps; t++)
                for (var unit = 0; unit < hidden; unit++)
                    h[t, b, unit] = raw[t * hidden + unit];
        }
        double squares = 0, changes = 0, magnitude = 0, pairs = 0;
        for (var t = 0; t < steps; t++)
            for (var b = 0; b < batch; b++)
            {
                magnitude += Math.Abs(h[t, b, 2]);
                for (var unit = 0; unit < hidden; unit++)
                    squares += h[t, b, unit] * (double)h[t, b, unit];
                if (t % length == 0)
                    continue; // a step over a window's border does not count
                pairs++;
                for (var unit = 0; unit < hidden; unit++)
                    changes += Math.Pow(h[t, b, unit] - (double)h[t - 1, b, unit], 2);
            }
        Assert.Equal(squares / (steps * batch * hidden), probe.MeanSquare, 5);
        Assert.Equal(changes / (pairs * hidden), probe.MeanSquareStep, 5);
        Assert.Equal(magnitude / (steps * batch), probe.MeanMagnitudeByUnit[2], 5);
        Assert.Equal(steps * batch, probe.Norms.Length);
        Assert.Equal(pairs, probe.StepNorms.Length);
        Assert.Equal(changes, probe.StepNorms.Sum(n => n * (double)n), 3);
    }
}
