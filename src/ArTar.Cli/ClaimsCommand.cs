using System.CommandLine;
using System.Globalization;
using ArTar.Workbench;
using ArTar.Workbench.Claims;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using Profile = ArTar.Workbench.Tables.Profile;
using Spectre.Console;

namespace ArTar.Cli;

/// <summary><c>artar claims</c>: what the stored runs say on the paper's claims. It trains nothing.</summary>
internal static class ClaimsCommand
{
    private const string Begin = "<!-- computed by artar claims --write-docs: from here -->";

    public static Command Create()
    {
        var (profile, data) = (CommonOptions.Profile(), CommonOptions.Data());
        profile.DefaultValueFactory = _ => "laptop";
        var seeds = CommonOptions.Seeds(3, 2, MeanInterval.MostFigures, $"seeds of each row, from 1 on: 2 to {MeanInterval.MostFigures}; one seed has no interval");
        var from = CommonOptions.From();
        var format = CommonOptions.Format("table", "markdown", "csv", "json");
        var write = new Option<bool>("--write-docs") { Description = "put the verdicts into docs/claims.md, too" };
        var command = new Command("claims", "Print the verdict on each of the paper's claims, by the rules of docs/claims.md, from stored runs alone.")
        {
            profile, seeds, data, from, format, write,
        };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Find();
            var scale = Profile.Get(parsed.GetRequiredValue(profile));
            var (count, given) = (parsed.GetValue(seeds), parsed.GetValue(data));
            var store = parsed.GetValue(from) is { } place ? RunStore.In(place, workspace) : new RunStore(workspace);
            var verdicts = Judge(store, workspace, scale, given, count);
            if (parsed.GetValue(from) is null && verdicts.Exists(v => v.Verdict == Verdict.NotRun) && CommonOptions.Published(workspace) is { } published)
                Console.Error.WriteLine($"Published results lie in '{published.Folder}': 'artar claims --from results' judges by them.");
            var title = $"Profile {scale.Name}, seeds 1 to {count}{(given is null ? "" : $", data {Path.GetFileName(given)}")}";
            if (parsed.GetValue(write))
            {
                var page = Path.Combine(Workspace.Repository ?? workspace.Root, "docs", "claims.md");
                // Published runs lie beside the page, others are of this machine alone.
                var isPublished = Path.GetFullPath(store.Folder) == Path.GetFullPath(Path.Combine(page, "..", "..", "results", "runs"));
                MarkedBlock.Write(page, Begin, ClaimFormats.Markdown(verdicts, title, isPublished ? "../results/runs" : null));
                Console.Error.WriteLine($"Written: {page}");
            }
            switch (parsed.GetRequiredValue(format))
            {
                case "markdown":
                    Console.Out.Write(ClaimFormats.Markdown(verdicts, title));
                    break;
                case "csv":
                    Console.Out.Write(ClaimFormats.Csv(verdicts));
                    break;
                case "json":
                    Console.Out.Write(ClaimFormats.ToJson(verdicts, scale.Name, count));
                    break;
                default:
                    Print(Terminal.Output, verdicts, title);
                    break;
            }
            return ExitCodes.Done;
        });
        return command.WithExamples("artar claims", "artar claims --seeds 5 --format markdown", "artar claims --from results --write-docs");
    }

    private static List<ClaimVerdict> Judge(RunStore store, Workspace workspace, Profile profile, string? data, int seeds)
    {
        var unigrams = new Dictionary<(string, int), (double, double)>();
        var judge = new ClaimJudge
        {
            Store = store,
            Data = data,
            Plan = need => TablePlan.For(need.Table, profile, Corpora.FactsOf(need.Table.DataFor(profile, data), workspace), need.Rows, need.Settings, seeds),
            Unigram = run =>
            {
                var key = (run.DataHash, run.Values.TrainTokens);
                if (unigrams.TryGetValue(key, out var known))
                    return known;
                var corpus = Corpora.LoadAgain(run.Data, run.DataHash, workspace);
                return unigrams[key] = (Unigram.Perplexity(corpus, Split.Valid, run.Values.TrainTokens), Unigram.Perplexity(corpus, Split.Test, run.Values.TrainTokens));
            },
        };
        return [.. PaperClaims.All.Select(judge.Judge)];
    }

    private static void Print(IAnsiConsole console, IReadOnlyList<ClaimVerdict> verdicts, string title)
    {
        Terminal.Paragraph(console, "", $"The paper's claims. {title}", "bold");
        console.WriteLine();
        // Number and words of a claim are one column, which is shortened where there is little room.
        int[] priorities = [0, 0, 0, 2, 1];
        var table = new TextTable([.. ClaimFormats.Columns.Skip(1).Select((name, i) => new TextColumn(name, Words: i < 2, priorities[i]))]);
        foreach (var judged in verdicts)
        {
            var cells = ClaimFormats.Line(judged);
            // The legend has the rest of the words.
            var verdict = judged.Verdict == Verdict.Undecided ? "undecided" : cells[2];
            table.Add([$"{cells[0],-2}  {cells[1]}", verdict, .. cells.Skip(3)], judged.Finding is null ? "dim" : null);
        }
        table.Write(console);
        console.WriteLine();
        foreach (var judged in verdicts)
        {
            var said = judged.Verdict switch
            {
                Verdict.NotRun => CommandName.In($"{judged.Reason}. Train them: {string.Join("; ", judged.Missing)}"),
                Verdict.NotComputed or Verdict.Elsewhere => judged.Reason,
                Verdict.Undecided when judged.Finding!.Interval is not null => judged.Finding.Direction,
                _ => "",
            };
            if (said.Length > 0)
                Terminal.Paragraph(console, "- ", string.Create(CultureInfo.InvariantCulture, $"{judged.Claim.Number}: {said}"), "dim");
            foreach (var note in judged.Notes)
                Terminal.Paragraph(console, "- ", $"{judged.Claim.Number}: {note}", "dim");
        }
        Terminal.Paragraph(console, "- ", "gains in per cent of the baseline's validation perplexity, seed by seed; undecided is meant at this scale; the rules stand in docs/claims.md; --format markdown shows every figure and run", "dim");
    }
}
