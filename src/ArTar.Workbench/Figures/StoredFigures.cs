using ArTar.Workbench.Analysis;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using TorchSharp;

namespace ArTar.Workbench.Figures;

/// <summary>The figures that stored runs allow; nothing is trained.</summary>
public static class StoredFigures
{
    private const int MostWindows = 30;

    /// <summary>
    /// The figures of a table: the table itself, its gain over what grows in it and at each learning rate, the learning curves of its rows,
    /// the hidden states of their trained models, and how the recurrent matrices of tanh RNNs turned and ended. Rows without a result are
    /// left out; without any there is no figure.
    /// </summary>
    /// <param name="plan">The table, its scale, data and seeds.</param>
    /// <param name="store">The stored runs.</param>
    /// <param name="corpus">The data set, to measure hidden states on; null leaves out what needs it.</param>
    /// <param name="cancellation">Stops before the next model is read.</param>
    public static IEnumerable<Figure> Of(TablePlan plan, RunStore store, Corpus? corpus, CancellationToken cancellation = default)
    {
        var report = TableReport.Build(plan, store);
        var (runs, section) = (RunsOf(report), FigureSection.Of(report));
        var text = FigureText.Of(report);
        return All(report, store, corpus, cancellation)
            .Select(f => f with { Runs = runs, Section = section with { Text = f.Name == NameOf(plan) ? text : null } });
    }

    /// <summary>The figure of a table.</summary>
    public static Figure Of(TableReport report) => new(NameOf(report.Plan), TableFigure.Of(report)) { Runs = RunsOf(report) };

    private static string[] RunsOf(TableReport report) =>
        [.. report.Rows.SelectMany(r => r.Runs).Where(r => r.Summary is not null).Select(r => r.Run).Distinct()];

    private static IEnumerable<Figure> All(TableReport report, RunStore store, Corpus? corpus, CancellationToken cancellation)
    {
        var (plan, name) = (report.Plan, NameOf(report.Plan));
        if (report.Rows.Any(r => r.Valid is not null))
            yield return Of(report);
        if (GainFigure.Of(report) is { } gain)
            yield return new($"{name}-gain", gain);

        var courses = report.Courses(store);
        if (RateFigure.Of(report, courses) is { } rates)
            yield return new($"{name}-rates", rates);
        var curves = courses.Where(r => r.Seeds.Any(s => s.Count > 0)).ToList();
        if (curves.Count > 0)
            yield return new($"{name}-learning",
                LearningCurves.Of(curves, $"Learning curves, table {plan.Table.Id}", report.Conditions, report.BestPossible?.Valid));
        if (RecurrentMatrixFigures.TurnToIdentity(curves, plan.Circumstances) is { } turn)
            yield return new($"{name}-identity", turn);

        var probed = corpus is null ? [] : Probed(plan, store, corpus, cancellation).ToList();
        foreach (var figure in Probes(name, [.. probed.Select(p => (p.Label, p.States, p.Matrices))],
            $"{plan.Scale}; seed {plan.Seeds[0]}", "validation split, no dropout"))
            yield return figure;
    }

    /// <summary>
    /// The figures of probed models: their hidden states side by side, and the recurrent matrices of tanh RNNs among them.
    /// </summary>
    /// <param name="name">What the figures' names start with.</param>
    /// <param name="models">Name, hidden states and, of a tanh RNN, the matrix of each layer.</param>
    /// <param name="origin">What the models were trained on; empty where their names say it.</param>
    /// <param name="reading">What they read while their states were measured.</param>
    public static IEnumerable<Figure> Probes(
        string name, IReadOnlyList<(string Label, HiddenStates States, IReadOnlyList<RecurrentMatrix> Matrices)> models, string origin,
        string reading)
    {
        if (models.Count == 0)
            yield break;
        var states = models.Select(m => (m.Label, m.States)).ToList();
        var subtitle = origin.Length == 0 ? reading : $"{origin}, {reading}";
        yield return new($"{name}-norms", HiddenStateFigures.Norms(states, subtitle));
        yield return new($"{name}-steps", HiddenStateFigures.Steps(states, subtitle));
        yield return new($"{name}-units", HiddenStateFigures.Units(states, subtitle));
        for (var layer = 0; layer < models.Max(m => m.Matrices.Count); layer++)
        {
            var matrices = models.Where(m => m.Matrices.Count > layer).Select(m => (m.Label, Matrix: m.Matrices[layer])).ToList();
            var place = $"layer {layer + 1}" + (origin.Length == 0 ? "" : $"; {origin}");
            yield return new($"{name}-singular-{layer + 1}", RecurrentMatrixFigures.SingularValues(matrices, place));
            yield return new($"{name}-eigenvalues-{layer + 1}", RecurrentMatrixFigures.Eigenvalues(matrices, place));
            foreach (var (i, (label, matrix)) in matrices.Index())
                yield return new($"{name}-matrix-{layer + 1}{(matrices.Count > 1 ? $"-{i + 1}" : "")}",
                    RecurrentMatrixFigures.HeatMap(matrix, $"{label}, {place}"));
        }
    }

    /// <summary>What a trained model's hidden states and, for a tanh RNN, its recurrent matrices are like.</summary>
    /// <param name="checkpoint">The trained model.</param>
    /// <param name="corpus">What it was trained on.</param>
    /// <param name="split">The split to read.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="mostWindows">Windows to read at most.</param>
    public static (HiddenStates States, IReadOnlyList<RecurrentMatrix> Matrices) Probe(
        Checkpoint checkpoint, Corpus corpus, Split split, torch.Device device, int mostWindows = MostWindows)
    {
        using var model = checkpoint.BuildModel(device);
        var states = HiddenStates.Measure(model, corpus[split], device, checkpoint.Values.EvaluationBatchSize, checkpoint.Values.Window,
            mostWindows);
        return (states, model.Cell != Cell.Tanh ? []
            : [.. Enumerable.Range(0, model.Layers).Select(layer => RecurrentMatrix.Measure(model, layer))]);
    }

    /// <summary>The figures of a corpus.</summary>
    public static IEnumerable<Figure> Of(Corpus corpus)
    {
        var name = $"data-{corpus.Title}";
        yield return new($"{name}-zipf", CorpusFigures.Zipf(corpus));
        yield return new($"{name}-windows", CorpusFigures.Windows(corpus));
    }

    /// <summary>What the files of a table's figures start with; data that neither profile nor table would take is named.</summary>
    public static string NameOf(TablePlan plan) => $"table-{plan.Table.Id}-{plan.Profile.Name}"
        + (plan.Corpus.Name == plan.Table.DataFor(plan.Profile) ? "" : $"-{plan.Corpus.Title}");

    private static IEnumerable<(string Label, HiddenStates States, IReadOnlyList<RecurrentMatrix> Matrices)> Probed(
        TablePlan plan, RunStore store, Corpus corpus, CancellationToken cancellation)
    {
        foreach (var row in plan.Rows)
        {
            cancellation.ThrowIfCancellationRequested();
            if (store.Read(plan.Configuration(row, plan.Seeds[0]).Id) is not { Status: RunStatus.Finished, Run: { } run }
                || !File.Exists(run.BestCheckpoint))
                continue;
            using var checkpoint = StoredRun.LoadCheckpoint(run.BestCheckpoint);
            var (states, matrices) = Probe(checkpoint, corpus, Split.Valid, torch.CPU);
            yield return (row.Label, states, matrices);
        }
    }
}
