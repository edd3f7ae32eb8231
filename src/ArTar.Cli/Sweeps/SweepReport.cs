using ArTar.Workbench.Display;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Figures;

namespace ArTar.Cli.Sweeps;

/// <summary>The tables of a sweep, and a page that shows them with charts; both are computed from what is stored now.</summary>
internal static class SweepReport
{
    private const int MostCurves = 12, MostRowsListed = 500;

    /// <summary>The tables that the sweep fills; the rows of a search stand with the lowest validation perplexity first.</summary>
    public static IReadOnlyList<TableReport> Tables(SweepState state)
    {
        // A row that no attempt is left for has failed, whatever lies in its folder.
        var known = state.Rows.DistinctBy(r => r.Run).ToDictionary(r => r.Run, r => r.Status);
        var reports = state.Sweep.Plans.Select(plan => TableReport.Build(plan, state.Sweep.Store)
            .Knowing((run, status) => status == RunStatus.Damaged ? status : known.GetValueOrDefault(run, status)));
        return [.. reports.Select(r => r.Plan.Table.IsSearch
            ? r with { Rows = [.. r.Rows.OrderBy(row => row.Valid?.Mean ?? double.PositiveInfinity)] } : r)];
    }

    /// <summary>A page that holds all it needs: how far the sweep is, its tables, and their charts.</summary>
    /// <param name="state">How the sweep stands.</param>
    /// <param name="every">Seconds after which an open page loads itself anew; null for never.</param>
    public static string Page(SweepState state, double? every = null)
    {
        var sweep = state.Sweep;
        var tables = Tables(state);
        var figures = tables.SelectMany(t => FiguresOf(t, sweep)).ToList();
        (string Name, int Count)[] parts =
        [
            ("finished", state.Count(RunStatus.Finished)),
            ("diverged", state.Count(RunStatus.Diverged)),
            ("failed", state.Count(RunStatus.Failed) + state.Count(RunStatus.OutOfMemory)),
            ("running", state.Count(RunStatus.Running)),
            ("waiting", state.Count(RunStatus.Pending) + state.Count(RunStatus.Interrupted)),
        ];
        var finished = parts[0].Count + parts[1].Count;
        string EachPart(Func<(string Name, int Count), string> show) => string.Concat(parts.Where(p => p.Count > 0).Select(show));
        var refresh = every is { } seconds
            ? string.Create(CultureInfo.InvariantCulture, $"<meta http-equiv=\"refresh\" content=\"{seconds:0}\">") : "";
        var body = new StringBuilder();
        void Line(string text) => body.Append(text).Append('\n');
        Line($"<h1>{E(sweep.Name)}</h1>");
        Line($"<p>{E(sweep.Header.Spec.ToString())}; engine {E(sweep.Header.Engine)}; submitted "
            + $"{sweep.Header.Submitted.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC, this page written "
                + $"{DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC.</p>");
        Line($"<div class=\"bar\" role=\"img\" aria-label=\"{finished} of {state.Rows.Count} rows have "
            + $"ended\">{EachPart(p => $"<i class=\"{p.Name}\" style=\"flex:{p.Count}\" title=\"{p.Count} {p.Name}\"></i>")}</div>");
        Line($"<p class=\"legend\">{EachPart(p => $"<span><i class=\"{p.Name}\"></i>{p.Count} {p.Name}</span> ")}</p>");
        if (!state.IsOver)
            Line($"<p>{AtWork(state.Engine.IsAtWork)}</p>");
        foreach (var table in tables)
        {
            Line($"<section><h2>{E(table.Plan.Table.Name)}</h2><p>{E(table.Plan.Table.Question)}</p><div "
                + $"class=\"table\">{Html.Of(TableSheet.Of(table).WithoutEmptyColumns()).ToHtml()}</div></section>");
            foreach (var figure in figures.Where(f => f.Table == table))
                Line(FigureFile.Section(figure.Figure));
        }
        var rows = new Sheet(
            [
                new("nr"), new("row", Words: true), new("status", Words: true), new("attempts"), new("valid"), new("test"),
                new("remark", Words: true),
            ],
            [.. state.Rows.Take(MostRowsListed).Select(r => new SheetRow(
                [
                    r.Number, r.Label, r.Status.Describe(), r.Attempts, Cell.Figure(r.Summary?.ValidPerplexity),
                    Cell.Figure(r.Summary?.TestPerplexity), r.PublicRemark,
                ], r.Status is RunStatus.Failed or RunStatus.OutOfMemory ? Tone.Bad : Tone.Plain))]);
        Line($"<section><h2>Rows</h2><div class=\"table\">{HtmlTable.Of(rows)}</div>");
        if (state.Rows.Count > MostRowsListed)
            Line($"<p>and {Printed.Count(state.Rows.Count - MostRowsListed)} more rows; "
                + $"'{E(CommandName.In($"artar sweep status {sweep.Name} --all"))}' lists them.</p>");
        Line("</section>");
        return $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8">{{refresh}}<meta name="viewport" content="width=device-width"><title>{{E(sweep.Name)}}: {{finished}} of {{state.Rows.Count}}</title><link rel="icon" href="data:,">
            <style>
            body { font: 15px/1.5 Helvetica, Arial, sans-serif; max-width: 1000px; margin: 2em auto; padding: 0 1em; color: #333; background: white }
            h2 { margin-top: 2em } figure { margin: 1em 0 2em; overflow-x: auto } figcaption { max-width: 860px; font-size: 13px }
            .table { overflow-x: auto } table { border-collapse: collapse; font-size: 13px } th, td { padding: 2px 9px; white-space: nowrap; text-align: left; border-bottom: 1px solid #e5e5e5 }
            thead th { border-bottom: 2px solid #333 } caption { display: none }
            .bar { display: flex; height: 18px; border-radius: 4px; overflow: hidden; background: #e5e5e5 } .bar i, .legend i { display: block } .legend span { margin-right: 1.5em }
            .legend i { display: inline-block; width: 12px; height: 12px; margin-right: 5px; border-radius: 2px }
            i.finished { background: #0072B2 } i.diverged { background: #E69F00 } i.failed { background: #D55E00 } i.running { background: #56B4E9 } i.waiting { background: #bbbbbb }
            </style>
            <script>{{(figures.Count > 0 ? FigureFile.PlotlyScript() : "")}}</script>
            </head>
            <body>
            {{body}}{{FigureFile.DrawAll}}
            </body>
            </html>

            """;
    }

    private static IEnumerable<(TableReport Table, Figure Figure)> FiguresOf(TableReport table, Sweep sweep)
    {
        var name = table.Plan.Table.IsSearch ? "search" : $"table-{table.Plan.Table.Id}";
        if (table.Rows.Any(r => r.Valid is not null))
            yield return (table, StoredFigures.Of(table) with { Name = name });
        if (GainFigure.Of(table) is { } gain)
            yield return (table, new($"{name}-gain", gain));
        var curves = (table with { Rows = [.. table.Rows.Take(MostCurves)] }).Courses(sweep.Store)
            .Where(r => r.Seeds.Any(s => s.Count > 0)).ToList();
        if (curves.Count > 0)
            yield return (table, new($"{name}-learning",
                LearningCurves.Of(curves, $"Learning curves{(table.Rows.Count > MostCurves ? $" of the first {MostCurves} rows" : "")}",
                $"{table.Plan.Corpus.Title}, profile {table.Plan.Profile.Name}", table.BestPossible?.Valid)));
    }

    private static string AtWork(bool? isAtWork) => isAtWork switch
    {
        true => "The rows are being trained.",
        false => "Nobody works on the rows that are left.",
        null => "Whether anybody works on the rows that are left is not known.",
    };

    private static string E(string text) => Html.Encode(text);
}
