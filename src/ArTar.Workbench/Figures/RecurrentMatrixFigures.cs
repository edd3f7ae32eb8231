using ArTar.Workbench.Analysis;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>
/// Draws recurrent matrices of tanh RNNs, U in h_t = tanh(U h_(t-1) + ...), and how close they are to a multiple of the identity.
/// </summary>
public static class RecurrentMatrixFigures
{
    private const int MostUnits = 64, PointsOfCircle = 181;

    /// <summary>The entries of U, dark blue to pale yellow, grey at 0; of a large one those between the first 64 units.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="subtitle">Model, layer and data.</param>
    public static GenericChart HeatMap(RecurrentMatrix matrix, string subtitle)
    {
        var size = matrix.SingularValues.Count;
        var units = Math.Min(size, MostUnits);
        var rows = Enumerable.Range(0, units)
            .Select(i => Enumerable.Range(0, units).Select(j => Math.Round(matrix.Entries[i * size + j], 4)).ToArray()).ToArray();
        var most = Math.Max(1e-6, rows.SelectMany(r => r).Max(Math.Abs));
        var heat = new
        {
            type = "heatmap",
            z = rows,
            zmin = -most,
            zmax = most,
            // From dark to light, so that the sign is seen in grey, too.
            colorscale = new object[] { new object[] { 0, "#08306B" }, new object[] { 0.5, "#A6B3C6" }, new object[] { 1, "#FFF3DC" } },
            colorbar = new { title = new { text = "U<sub>ij</sub>" }, outlinewidth = 0 },
            hovertemplate = "to %{y} from %{x}: %{z}<extra></extra>",
        };
        return Plot.Of("Recurrent matrix" + (units < size ? $", the first {units} of {size} units" : ""), subtitle,
            "from unit j of h<sub>t−1</sub>", "to unit i of h<sub>t</sub>", [heat], 720, width: 740,
            xAxis: new { scaleanchor = "y", constrain = "domain", showgrid = false },
            yAxis: new { autorange = "reversed", constrain = "domain", showgrid = false },
            caption: "A multiple of the identity would be a diagonal of one colour on the grey-blue of 0.");
    }

    /// <summary>Singular values of several matrices, the largest first.</summary>
    /// <param name="matrices">Name and matrix of each model.</param>
    /// <param name="subtitle">Layer and data.</param>
    public static GenericChart SingularValues(IReadOnlyList<(string Name, RecurrentMatrix Matrix)> matrices, string subtitle)
    {
        int[] Places(RecurrentMatrix matrix) => [.. Enumerable.Range(1, matrix.SingularValues.Count)];
        var (named, others) = Plot.First(matrices);
        return Plot.Of("Singular values of the recurrent matrix", subtitle, "number, the largest first", "singular value",
            Plot.Grey(others.Select(m => (m.Name, (object)Places(m.Matrix), (object)m.Matrix.SingularValues)))
                .Concat(named.Select((m, i) => (object)new
            {
                type = "scatter",
                mode = "lines",
                name = m.Name,
                x = Places(m.Matrix),
                y = m.Matrix.SingularValues,
                line = new { color = Plot.Palette[i % Plot.Palette.Count], dash = Plot.Dashes[i % Plot.Dashes.Count], width = 2 },
            })).Append(Plot.Reference("1: neither stretched nor shrunk", [1, matrices.Max(m => m.Matrix.SingularValues.Count)], 1)),
            yAxis: new { rangemode = "tozero" },
            caption: "How much U stretches each of its own directions. A multiple c I of the identity has them all at |c|: a "
                + "horizontal line." + Plot.Rest(named.Count, others.Count));
    }

    /// <summary>Eigenvalues of several matrices in the complex plane, with the unit circle; both axes have the same scale.</summary>
    /// <inheritdoc cref="SingularValues"/>
    public static GenericChart Eigenvalues(IReadOnlyList<(string Name, RecurrentMatrix Matrix)> matrices, string subtitle)
    {
        var angles = Enumerable.Range(0, PointsOfCircle).Select(i => 2 * Math.PI * i / (PointsOfCircle - 1)).ToList();
        var circle = new
        {
            type = "scatter",
            mode = "lines",
            name = "unit circle",
            x = angles.Select(a => Math.Round(Math.Cos(a), 4)).ToArray(),
            y = angles.Select(a => Math.Round(Math.Sin(a), 4)).ToArray(),
            line = new { color = Plot.Given, dash = "dash", width = 1.5 },
        };
        // A cloud of unnamed points behind the others would say nothing.
        var (named, others) = Plot.First(matrices);
        return Plot.Of("Eigenvalues of the recurrent matrix", subtitle, "real part", "imaginary part",
            named.Select((m, i) => (object)new
            {
                type = "scatter",
                mode = "markers",
                name = m.Name,
                x = m.Matrix.Eigenvalues.Select(e => Math.Round(e.Real, 5)).ToArray(),
                y = m.Matrix.Eigenvalues.Select(e => Math.Round(e.Imaginary, 5)).ToArray(),
                marker = new { color = Plot.Palette[i % Plot.Palette.Count], symbol = Plot.Symbols[i % Plot.Symbols.Count] + "-open",
                    size = 7 },
            }).Prepend(circle), 720, width: 640,
            xAxis: new { scaleanchor = "y", scaleratio = 1, constrain = "domain" },
            yAxis: new { constrain = "domain" },
            caption: "Eigenvalues of a real matrix lie mirrored about the real axis. A multiple c I of the identity has them all at the "
                + "point c. Outside the unit circle U alone makes a part of the state grow, inside it fades."
                + (others.Count == 0 ? "" : $" Of {matrices.Count} models the first {named.Count} are shown."));
    }

    /// <summary>How the distance to the nearest multiple of the identity changed while several models were trained.</summary>
    /// <param name="runs">Name of each run, and its matrix after each epoch; epoch 0 is before training.</param>
    /// <param name="subtitle">Layer and data.</param>
    public static GenericChart DistanceToIdentity(
        IReadOnlyList<(string Name, IReadOnlyList<(int Epoch, RecurrentMatrix Matrix)> Epochs)> runs, string subtitle)
    {
        var (named, others) = Plot.First(runs);
        return Plot.Of("Distance of the recurrent matrix to the identity", subtitle, "epoch", "|U − c I| / |U| for the best c",
            Plot.Grey(others.Select(r => (r.Name, (object)r.Epochs.Select(e => e.Epoch).ToArray(),
                (object)r.Epochs.Select(e => e.Matrix.DistanceToIdentity).ToArray()))).Concat(named.Select((r, i) => (object)new
            {
                type = "scatter",
                mode = "lines+markers",
                name = r.Name,
                x = r.Epochs.Select(e => e.Epoch).ToArray(),
                y = r.Epochs.Select(e => e.Matrix.DistanceToIdentity).ToArray(),
                line = new { color = Plot.Palette[i % Plot.Palette.Count], dash = Plot.Dashes[i % Plot.Dashes.Count] },
                // Runs that stay together lie on one another: the later ones are smaller.
                marker = new { color = Plot.Palette[i % Plot.Palette.Count], symbol = Plot.Symbols[i % Plot.Symbols.Count],
                    size = Math.Max(5, 13 - 3 * i) },
            })),
            xAxis: new { rangemode = "tozero" }, yAxis: new { range = new[] { -0.03, 1.08 } },
            caption: "0 is a multiple of the identity; a random matrix lies almost at 1 (Frobenius norms). The paper argues that TAR "
                + "leads downwards. Runs that lie on one another are drawn with smaller marks." + Plot.Rest(named.Count, others.Count));
    }

    /// <summary>
    /// How far the last layer's matrix turned towards the identity while models were trained; several seeds become their mean with a band
    /// of one standard deviation.
    /// </summary>
    /// <param name="models">Name of each model, and the metrics of each of its seeds' epochs; what is no tanh RNN is left out.</param>
    /// <param name="subtitle">Data and scale.</param>
    /// <returns>Null without a tanh RNN.</returns>
    public static GenericChart? TurnToIdentity(IEnumerable<(string Name, IReadOnlyList<IReadOnlyList<EpochMetrics>> Seeds)> models,
        string subtitle)
    {
        // The epochs that all seeds of a model have finished.
        var shown = models.Select(m => (m.Name, Seeds: m.Seeds.Where(s => s.Count > 0 && s[0].Identity is not null).ToList()))
            .Where(m => m.Seeds.Count > 0)
            .Select(m => (m.Name, Cosines: Enumerable.Range(0, m.Seeds.Min(s => s.Count))
                .Select(e => MeanDeviation.Of(m.Seeds.Select(s => s[e].Identity!.Cosine))!.Value).ToList())).ToList();
        if (shown.Count == 0)
            return null;
        var (named, others) = Plot.Best(shown, m => -m.Cosines[^1].Mean);
        var traces = Plot.Grey(others.Select(m => (m.Name, X: (object)Enumerable.Range(1, m.Cosines.Count).ToArray(),
            Y: (object)m.Cosines.Select(c => c.Mean).ToArray()))).ToList();
        foreach (var (i, (name, cosines)) in named.Index())
        {
            var (color, x) = (Plot.Palette[i % Plot.Palette.Count], Enumerable.Range(1, cosines.Count).ToArray());
            if (cosines.Any(c => c.Count > 1))
                traces.Add(Plot.Band(x, cosines, color));
            traces.Add(new
            {
                type = "scatter",
                mode = "lines+markers",
                name,
                x,
                y = cosines.Select(c => c.Mean).ToArray(),
                line = new { color },
                marker = new { color, symbol = Plot.Symbols[i % Plot.Symbols.Count], size = 8 },
            });
        }
        traces.Add(Plot.Reference("random matrix", [1, shown.Max(m => m.Cosines.Count)], 0));
        return Plot.Of("How far the recurrent matrix turns towards the identity", subtitle, "epoch", "cosine between U and I", traces,
            xAxis: new { rangemode = "tozero" },
            caption: "1 is a positive multiple of the identity, which keeps the state; a random matrix has 0; below 0 the state is "
                + "flipped rather than kept, from step to step. Last layer of tanh RNNs. The paper argues that TAR leads upwards."
                + (others.Count == 0 ? "" : $" Of {shown.Count} rows the {named.Count} that turned furthest have names and colours."));
    }
}
