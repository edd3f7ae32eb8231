using ArTar.Workbench.Analysis;
using ArTar.Workbench.Figures;

namespace ArTar.Cli;

/// <summary><c>artar probe</c>: what trained models' hidden states and recurrent matrices are like.</summary>
internal static class ProbeCommand
{
    private static readonly double[] quantiles = [0.05, 0.25, 0.5, 0.75, 0.95];

    private sealed record Probed(string Name, Checkpoint Checkpoint, CorpusFacts Text, HiddenStates States,
        IReadOnlyList<RecurrentMatrix> Matrices);

    public static Command Create()
    {
        var names = new Argument<string[]>("RUN") { Description = "checkpoint files, parts of runs' names, or runs' folders",
            Arity = ArgumentArity.OneOrMore };
        var (device, threads) = (CommonOptions.Device(), CommonOptions.Threads());
        var format = Options.Word("--format", "how to print: table, json", "FORMAT", "table", ("table", "table"), ("json", "json"));
        var data = CommonOptions.TextOfRun("the text that they read, also another one than they were trained on; default: the one of each");
        var split = CommonOptions.Split("text that the models read: valid, test or train");
        var windows = Options.Whole("--windows", "windows of text to read at most", 100, 1, 1_000_000);
        var figure = Options.Text("--figure",
            "draw |h| into this file (.html, .svg, .png, .pdf or .json) and the other figures beside it", "FILE");
        var command = new Command("probe",
            "Show what AR and TAR act on in trained models: the sizes of hidden states and of their steps; of a tanh RNN also the "
                + "recurrent matrix.")
        {
            names, split, windows, data, format, figure, device, threads,
        };
        var pictures = new FigureOptions(command);
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Find();
            var size = pictures.Read(parsed);
            pictures.Check(parsed, IsPicture(parsed.GetValue(figure)), "ask for one by --figure norms.pdf");
            if (parsed.GetValue(figure) is { } file)
                CommonOptions.CheckFigure(file);
            var (most, part) = (parsed.GetValue(windows), parsed.GetValue(split));
            List<string> paths = [.. parsed.GetRequiredValue(names).Select(n => CommonOptions.CheckpointOf(n, workspace))];
            LibTorch.Prepare(parsed.GetValue(threads));
            var place = LibTorch.DeviceNamed(parsed.GetRequiredValue(device));
            var probed = new List<Probed>();
            foreach (var path in paths)
            {
                using var checkpoint = StoredRun.LoadCheckpoint(path);
                var corpus = checkpoint.LoadCorpus(workspace, parsed.GetValue(data), part);
                var (states, matrices) = StoredFigures.Probe(checkpoint, corpus, part, place, most);
                probed.Add(new(NameOf(path), checkpoint, corpus.Facts, states, matrices));
            }
            Console.Out.Write(parsed.GetRequiredValue(format) == "json" ? Json(probed, part) : Text(probed, part));
            if (parsed.GetValue(figure) is { } picture)
                Draw(probed, part, picture, size);
            return ExitCodes.Done;
        });
        return command.WithExamples(
            "artar probe synthetic-lstm96-alpha2",
            "artar probe ptb-lstm200-seed1 ptb-lstm200-alpha2-seed1 --figure norms.svg",
            "artar probe runs/synthetic-tanh96-seed1-0123abcd/best.safetensors --format json");
    }

    internal static bool IsPicture(string? path) => path is not null && FigureFile.NeedsBrowser(FigureFile.FormatOf(path));

    // A run's checkpoint is called best.safetensors; its folder says more.
    internal static string NameOf(string path) =>
        Path.GetFileName(path) is "best.safetensors" or "last.safetensors" or "previous.safetensors"
        ? Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))!) : Path.GetFileNameWithoutExtension(path);

    private static string Text(List<Probed> probed, Split split)
    {
        var text = new System.Text.StringBuilder();
        void Line(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"  {name,-44}{value}\n");
        string F(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
        string Spread(float[] values) => string.Join("  ", quantiles.Select(q => F(HiddenStates.Quantile(values, q))));
        foreach (var (name, checkpoint, read, states, matrices) in probed)
        {
            var values = checkpoint.Values;
            text.Append(CultureInfo.InvariantCulture, $"{name}\n");
            var cell = values.Cell.ToString().ToLowerInvariant();
            Line("model", FormattableString.Invariant(
                $"{cell}, {values.Layers} layers of {values.Hidden} units, epoch {checkpoint.Position.Epoch}"));
            Line("text", FormattableString.Invariant(
                $"{split.ToString().ToLowerInvariant()} split of {read.Title}, {states.Norms.Length:N0} steps, without dropout"));
            Line("mean of h^2, AR's penalty", F(states.MeanSquare));
            Line("mean of (h_t - h_(t-1))^2, TAR's penalty", F(states.MeanSquareStep));
            Line($"|h_t| at {string.Join(", ", quantiles.Select(q => $"{100 * q:F0}"))} %", Spread(states.Norms));
            Line("|h_t - h_(t-1)| at the same", Spread(states.StepNorms));
            foreach (var matrix in matrices)
            {
                Line($"recurrent matrix, layer {matrix.Layer + 1}",
                    FormattableString.Invariant($"distance to {F(matrix.NearestMultiple)} I: {F(matrix.DistanceToIdentity)} of |U|"));
                Line("", $"part of |U|^2 on the diagonal: {F(matrix.DiagonalMass)}");
                Line("", $"singular values {F(matrix.SingularValues[0])} to {F(matrix.SingularValues[^1])}");
                Line("", $"largest |eigenvalue|: {F(matrix.Eigenvalues.Max(e => e.Magnitude))}");
            }
        }
        return text.ToString();
    }

    private static string Json(List<Probed> probed, Split split)
    {
        Dictionary<string, double> Spread(float[] values) =>
            quantiles.ToDictionary(q => q.ToString(CultureInfo.InvariantCulture), q => HiddenStates.Quantile(values, q));
        return Records.ToJson(probed.Select(p => new
        {
            Model = p.Name,
            Cell = p.Checkpoint.Values.Cell.ToString().ToLowerInvariant(),
            p.Checkpoint.Values.Hidden,
            p.Checkpoint.Position.Epoch,
            Data = p.Text.Title,
            DataHash = p.Text.Hash,
            Split = split.ToString().ToLowerInvariant(),
            Steps = p.States.Norms.Length,
            p.States.MeanSquare,
            p.States.MeanSquareStep,
            NormQuantiles = Spread(p.States.Norms),
            StepNormQuantiles = Spread(p.States.StepNorms),
            RecurrentMatrices = p.Matrices.Select(m => new
            {
                Layer = m.Layer + 1,
                m.NearestMultiple,
                m.DistanceToIdentity,
                m.DiagonalMass,
                m.SingularValues,
                Eigenvalues = m.Eigenvalues.Select(e => new[] { e.Real, e.Imaginary }),
            }),
        }).ToList());
    }

    private static void Draw(List<Probed> probed, Split split, string file, FigureSize size)
    {
        file = Path.GetFullPath(file);
        var stem = Path.Combine(Path.GetDirectoryName(file)!, Path.GetFileNameWithoutExtension(file));
        var texts = probed.Select(p => p.Text.Title).Distinct();
        var figures = StoredFigures.Probes("", [.. probed.Select(p => (p.Name, p.States, p.Matrices))],
            "", $"{split.ToString().ToLowerInvariant()} split of {string.Join(", ", texts)}, without dropout").ToList();
        using var browser = FigureFile.NeedsBrowser(FigureFile.FormatOf(file)) ? Chromium.Start() : null;
        foreach (var (i, figure) in figures.Index())
        {
            var path = i == 0 ? file : stem + figure.Name + Path.GetExtension(file);
            FigureFile.Write(figure with { Name = Path.GetFileNameWithoutExtension(path) }, path, size, browser);
            Console.Error.WriteLine($"Figure: {path}");
        }
    }
}
