using ArTar.Workbench.Claims;
using ArTar.Workbench.Tables;
using Profile = ArTar.Workbench.Tables.Profile;

namespace ArTar.Cli;

/// <summary><c>artar claims</c>: what the stored runs say on the paper's claims. It trains nothing.</summary>
internal static class ClaimsCommand
{
    // Each scale has its own place in the page.
    private static string Begin(Profile scale) =>
        $"<!-- computed by artar claims{(scale.Name == Usual ? "" : $" --profile {scale.Name}")} --write-docs: from here -->";

    private const string Usual = "laptop";

    public static Command Create()
    {
        var (profile, data) = (CommonOptions.Profile(), CommonOptions.Data());
        profile.DefaultValueFactory = _ => Usual;
        var seeds = CommonOptions.Seeds(3, 2, MeanInterval.MostFigures, $"seeds of each row, from 1 on: 2 to {MeanInterval.MostFigures}",
            "as one seed has no interval");
        var from = CommonOptions.From();
        var write = Options.Flag("--write-docs",
            "put the verdicts into docs/claims.md and the runs that they come from into results/, too");
        var command = new Command("claims",
            "Print the verdict on each of the paper's claims, by the rules of docs/claims.md, from stored runs alone.")
        {
            profile, seeds, data, from, write,
        };
        var printing = new ReportOptions(command);
        command.SetAction(parsed =>
        {
            var (workspace, asked) = (Workspace.Find(), printing.Read(parsed));
            var scale = Profile.Get(parsed.GetRequiredValue(profile));
            var (count, given) = (parsed.GetValue(seeds), parsed.GetValue(data));
            var store = parsed.GetValue(from) is { } place ? RunStore.In(place, workspace) : new RunStore(workspace);
            var report = new ClaimReport(scale.Name, count, given, Judge(store, workspace, scale, given, count));
            if (parsed.GetValue(from) is null && report.Verdicts.Any(v => v.Verdict == Verdict.NotRun)
                && CommonOptions.Published(workspace) is { } results)
                Console.Error.WriteLine($"Published results lie in '{results.Folder}': 'artar claims --from results' judges by them.");
            if (parsed.GetValue(write))
            {
                var page = Path.Combine(Workspace.Repository ?? workspace.Root, "docs", "claims.md");
                var list = Path.GetFullPath(Path.Combine(page, "..", "..", "results", $"claims-{scale.Name}.md"));
                // Published runs lie beside the list, others are of this machine alone.
                var published = Path.GetFullPath(store.Folder) == Path.Combine(Path.GetDirectoryName(list)!, "runs");
                MarkedBlock.Write(page, Begin(scale), report.Brief($"../results/{Path.GetFileName(list)}"));
                Directory.CreateDirectory(Path.GetDirectoryName(list)!);
                AtomicFile.WriteAllText(list, report.Markdown(published ? "runs" : null));
                Console.Error.WriteLine($"Written: {page} and {list}");
            }
            asked.Print(asked.IsTerminal && asked.Columns.Count == 0 ? report.Report with { Sheet = ForTerminal(report) } : report.Report,
                report.Details());
            return ExitCodes.Done;
        });
        return command.WithExamples("artar claims", "artar claims --seeds 5 --format markdown", "artar claims --from results --write-docs");
    }

    internal static List<ClaimVerdict> Judge(RunStore store, Workspace workspace, Profile profile, string? data, int seeds)
    {
        var unigrams = new Dictionary<(string, int), (double, double)>();
        var judge = new ClaimJudge
        {
            Store = store,
            Command = (need, plan, again) => Typed(need, plan, data, again),
            Plan = need => TablePlan.For(need.Table, profile, Corpora.FactsOf(need.Table.DataFor(profile, data), workspace),
                [.. need.Rows.Select(r => r.Id)], need.Settings, need.Seeds ?? seeds),
            Unigram = run =>
            {
                var key = (run.DataHash, run.Values.TrainTokens);
                if (unigrams.TryGetValue(key, out var known))
                    return known;
                var corpus = Corpora.LoadAgain(run.Data, run.DataHash, workspace);
                return unigrams[key] = (Unigram.Perplexity(corpus, Split.Valid, run.Values.TrainTokens),
                    Unigram.Perplexity(corpus, Split.Test, run.Values.TrainTokens));
            },
        };
        return [.. PaperClaims.At(profile).Select(judge.Judge)];
    }

    /// <summary>The command that trains what is missing and prints the rows; what is stored it leaves as it is.</summary>
    internal static string Typed(ClaimRuns need, TablePlan plan, string? data, bool again)
    {
        string[] words = ["artar", "table", need.Table.Id, "--profile", plan.Profile.Name,
            .. need.Rows.Count > 0 ? ["--rows", string.Join(',', need.Rows.Select(r => r.Id))] : Array.Empty<string>(),
            .. need.Settings.SelectMany(s => new[] { "--set", s }), .. data is null ? Array.Empty<string>() : ["--data", data],
            "--seeds", plan.Seeds.Count.ToString(CultureInfo.InvariantCulture), .. again ? ["--retry"] : Array.Empty<string>()];
        return string.Join(' ', words.Select(Shell.Quoted));
    }

    /// <summary>
    /// Number and words of a claim are one column, which is shortened where there is little room; the notes have the rest of the words.
    /// </summary>
    private static Sheet ForTerminal(ClaimReport report)
    {
        var sheet = report.Sheet;
        return sheet with
        {
            Columns = sheet.Columns.Skip(1).ToList(),
            Rows = [.. sheet.Rows.Select((row, i) => row with
            {
                Cells = [$"{row.Cells[0].Text,-2}  {row.Cells[1].Text}",
                    report.Verdicts[i].Verdict == Verdict.Undecided ? "undecided" : row.Cells[2], .. row.Cells.Skip(3)],
            })],
            Notes =
            [
                .. sheet.Notes, .. report.Verdicts.SelectMany(Said),
                "gains in per cent of the baseline's validation perplexity, seed by seed; undecided is meant at this scale; the rules "
                    + "stand in docs/claims.md; --format markdown shows every figure and run",
            ],
        };
    }

    private static IEnumerable<string> Said(ClaimVerdict judged)
    {
        var said = judged.Verdict switch
        {
            Verdict.NotRun => $"{judged.Reason}. Train them: {string.Join("; ", judged.Missing.Select(CommandName.In))}",
            Verdict.NotComputed or Verdict.Elsewhere => judged.Reason,
            Verdict.Undecided when judged.Finding!.Interval is not null => judged.Finding.Direction,
            _ => "",
        };
        return judged.Notes.Prepend(said).Where(s => s.Length > 0).Select(s => $"{judged.Claim.Number}: {s}");
    }
}
