using ArTar.Workbench.Claims;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Figures;
using Profile = ArTar.Workbench.Tables.Profile;
using Table = ArTar.Workbench.Tables.Table;

namespace ArTar.Cli;

/// <summary><c>artar figures</c>: every figure that stored runs allow, as files and a page that shows them.</summary>
internal static class FiguresCommand
{
    public static Command Create()
    {
        var numbers = new Argument<string[]>("TABLE")
        {
            Description = "numbers or names of the tables; all that have stored runs when none is given",
            Arity = ArgumentArity.ZeroOrMore,
            DefaultValueFactory = _ => [],
        };
        var (profile, data, set, threads) = (CommonOptions.Profile(), CommonOptions.Data(), CommonOptions.Set(), CommonOptions.Threads());
        var seeds = CommonOptions.Seeds();
        var format = new Option<string>("--format")
        {
            Description = $"formats, out of {string.Join(",", FigureFile.Formats)}; svg, png and pdf need Chromium",
            HelpName = "FORMAT,FORMAT",
            DefaultValueFactory = _ => "html,json",
        };
        var from = CommonOptions.From();
        var output = Options.Text("--output", "folder to write into; default: the workspace's figures/", "FOLDER");
        var command = new Command("figures", "Export figures from stored runs, without training, and a page that shows them all.")
        {
            numbers, profile, data, seeds, set, from, format, output, threads,
        };
        var pictures = new FigureOptions(command);
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Find();
            var formats = Formats(parsed.GetRequiredValue(format));
            var size = pictures.Read(parsed);
            pictures.Check(parsed, formats.Any(FigureFile.NeedsBrowser), "ask for some by --format svg, png or pdf");
            var settings = CommonOptions.CheckedSettings(parsed.GetRequiredValue(set), "--seeds");
            var scale = Profile.Get(parsed.GetRequiredValue(profile));
            var wanted = parsed.GetRequiredValue(numbers);
            var folder = CommonOptions.CheckedFolder(parsed.GetValue(output) ?? workspace.Figures);
            var place = parsed.GetValue(from);
            var store = place is null ? new RunStore(workspace) : RunStore.In(place, workspace);
            bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };
            // Of stored runs all scales and the seeds that are there, where the user named none.
            IEnumerable<(Profile, int)> ScalesOf(Table table) => place is null || IsGiven(profile) && IsGiven(seeds)
                || CommonOptions.Coverages(store, table, parsed.GetValue(data), workspace, IsGiven(profile) ? scale : null)
                    is not { Count: > 0 } there
                ? [(scale, parsed.GetValue(seeds))]
                : there.Select(c => (c.Profile, IsGiven(seeds) ? parsed.GetValue(seeds) : c.Seeds.Usual));
            var plans = Plans(wanted, ScalesOf, parsed.GetValue(data), settings, workspace, withText: place is null);
            var verdicts = new Verdicts(store, workspace, parsed.GetValue(data));
            foreach (var fault in plans.SelectMany(p => p.Plan.Planned).Select(p => p.Configuration.Id).Distinct()
                .Select(id => store.Read(id).Fault).Where(f => f.Length > 0))
                Console.Error.WriteLine(fault);
            LibTorch.Prepare(parsed.GetValue(threads));
            using var interrupts = new Interrupts();
            var files = 0;
            FigureFolder.Export(Figures(plans, store, verdicts, interrupts.Token), folder, formats, size, path =>
            {
                files++;
                Console.Out.Write($"{path}\n");
            }, interrupts.Token);
            return files > 0 ? ExitCodes.Done : throw Nothing(wanted, scale, parsed.GetValue(data), place, workspace);
        });
        return command.WithExamples(
            "artar figures",
            "artar figures 1 2 --profile laptop --seeds 3",
            "artar figures 1 2 --from results --profile laptop --seeds 3",
            "artar figures 1 --format pdf --width 84mm --font-size 8 --font serif --no-title --output paper/figures");
    }

    /// <summary>The verdicts on the paper's claims by what is stored, judged once for each scale.</summary>
    private sealed class Verdicts(RunStore store, Workspace workspace, string? data)
    {
        private readonly Dictionary<(string Profile, int Seeds), ClaimReport> known = [];

        /// <summary>Those that a table decides; none with a single seed, more seeds than an interval takes, or changed values.</summary>
        public IReadOnlyList<string> Of(TablePlan plan)
        {
            if (plan.Seeds.Count is < 2 or > MeanInterval.MostFigures || plan.Settings.Count > 0)
                return [];
            var key = (plan.Profile.Name, plan.Seeds.Count);
            if (!known.TryGetValue(key, out var report))
                known[key] = report = new(plan.Profile.Name, plan.Seeds.Count, data,
                    ClaimsCommand.Judge(store, workspace, plan.Profile, data, plan.Seeds.Count));
            return report.Of(plan.Table);
        }
    }

    /// <summary>What is said where there is nothing to draw, with commands that show or make something.</summary>
    private static WorkbenchException Nothing(string[] wanted, Profile scale, string? data, string? place, Workspace workspace)
    {
        var table = wanted.Length > 0 ? wanted[0] : "1";
        string Command(params IEnumerable<string> words) => Terminal.CommandLine(words);
        string[] text = data is null ? [] : ["--data", data];
        return new($"No run is stored {(place is null ? "" : $"in '{place}' ")}for "
            + $"{(wanted.Length == 0 ? "any table" : $"table {string.Join(", ", wanted)}")} in profile {scale.Name} with these values. "
            + (place is not null ? $"This says what is there: {Command("table", table, "--from", place)}"
                : CommonOptions.Published(workspace) is { } published && data is null
                ? $"Published results lie in '{published.Folder}', and this draws them: "
                    + Command(["figures", .. wanted, "--from", "results"])
                : $"This trains some: {Command(["table", table, "--profile", scale.Name, .. text])}"));
    }

    private static string[] Formats(string text)
    {
        string[] formats = [.. text.ToLowerInvariant().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Distinct()];
        var unknown = formats.FirstOrDefault(f => !FigureFile.Formats.Contains(f));
        return formats.Length > 0 && unknown is null ? formats : throw new WorkbenchException(
            $"--format {text}: expected formats out of {string.Join(", ", FigureFile.Formats)}, separated by commas"
                + (unknown is null ? "." : Nearest.Guess(unknown, FigureFile.Formats)));
    }

    private static List<(TablePlan Plan, Corpus? Corpus)> Plans(
        string[] wanted, Func<Table, IEnumerable<(Profile Scale, int Seeds)>> scalesOf, string? data, string[] settings,
        Workspace workspace, bool withText)
    {
        var corpora = new Dictionary<string, Corpus>();
        var plans = new List<(TablePlan, Corpus?)>();
        foreach (var (table, (scale, seeds)) in (wanted.Length == 0 ? KnownTables.All : wanted.Distinct().Select(KnownTables.Named))
            .SelectMany(table => scalesOf(table).Select(s => (table, s))))
        {
            var name = table.DataFor(scale, data);
            if (!withText)
            {
                plans.Add((TablePlan.For(table, scale, Corpora.FactsOf(name, workspace), [], settings, seeds), null));
                continue;
            }
            // Without a wish for this table, data that is not installed has no runs either.
            if (wanted.Length == 0 && data is null && Corpora.Find(name) is not null
                && !Directory.Exists(Path.Combine(workspace.Datasets, name)))
                continue;
            if (!corpora.TryGetValue(name, out var corpus))
                corpora[name] = corpus = Corpora.Load(name, workspace);
            plans.Add((TablePlan.For(table, scale, corpus.Facts, [], settings, seeds), corpus));
        }
        return plans;
    }

    private static IEnumerable<Figure> Figures(List<(TablePlan Plan, Corpus? Corpus)> plans, RunStore store, Verdicts verdicts,
        CancellationToken cancellation)
    {
        var shown = new List<(TablePlan Plan, Corpus? Corpus)>();
        foreach (var (plan, corpus) in plans)
            foreach (var figure in StoredFigures.Of(plan, store, corpus, cancellation))
            {
                if (shown.Count == 0 || shown[^1].Plan != plan)
                    shown.Add((plan, corpus));
                yield return figure.Section is { Text: { } text } section
                    ? figure with { Section = section with { Text = text with { Verdicts = verdicts.Of(plan) } } } : figure;
            }
        foreach (var corpus in shown.DistinctBy(p => p.Plan.Corpus.Hash).Select(p => p.Corpus).OfType<Corpus>())
            foreach (var figure in StoredFigures.Of(corpus))
                yield return figure;
    }
}
