using ArTar.Workbench.Output;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

/// <summary>A table for scripts, as JSON has it.</summary>
internal static class TableDocument
{
    /// <summary>The table as people and as scripts read it; these get the measured rows, seed by seed, then the cited ones.</summary>
    public static Report Report(TableReport report)
    {
        var plan = report.Plan;
        TableRecord[] rows =
        [
            .. report.Rows.SelectMany(row => row.Runs.Select((_, i) => Measured(report, row, i, plan.Configurations(row.Row)[i]))),
            .. plan.Table.Cited.Select(c => Cited(plan.Table, c)),
        ];
        var document = new
        {
            Table = Id(plan.Table), plan.Table.Title, plan.Table.Question, Profile = plan.Profile.Name, Legend = TableSheet.Legend(report),
            Rows = rows,
        };
        return new(TableSheet.Of(report), document, Records.ToCsv(rows));
    }

    // Number of the paper's table, or the name of another.
    private static object Id(Table table) => table.IsOfPaper ? table.Number : table.Id;

    private static TableRecord Cited(Table table, CitedRow cited) => new()
    {
        Table = Id(table),
        Kind = "cited",
        Label = cited.Label,
        Parameters = Published(cited.Parameters),
        ValidPerplexity = Published(cited.Valid),
        TestPerplexity = Published(cited.Test),
    };

    private static TableRecord Measured(TableReport report, ReportRow row, int index, RunConfiguration configuration)
    {
        var (plan, (run, status, summary), gain) = (report.Plan, row.Runs[index], row.Gains[index]);
        var (values, here) = (configuration.Values, summary?.Circumstances);
        return new()
        {
            Table = Id(plan.Table),
            Kind = "measured",
            Row = row.Row.Id,
            Label = row.Row.Label,
            Run = run,
            Status = status.Describe(),
            Seed = plan.Seeds[index],
            Parameters = row.Parameters,
            ValidPerplexity = summary?.ValidPerplexity,
            TestPerplexity = summary?.TestPerplexity,
            ValidLoss = summary?.ValidLoss,
            TestLoss = summary?.TestLoss,
            GainPerplexity = gain?.Points,
            GainPercent = gain?.Percent,
            BestEpoch = summary is { BestEpoch: > 0 } ? summary.BestEpoch : null,
            LastTrainPerplexity = summary?.LastEpoch?.TrainPerplexity,
            Seconds = summary?.Seconds,
            TokensPerSecond = summary?.TokensPerSecond,
            BestPossibleValid = report.BestPossible?.Valid,
            BestPossibleTest = report.BestPossible?.Test,
            Profile = plan.Profile.Name,
            Values = string.Join(' ',
                [.. values.AllValues(), .. values.Regularization.Select(c => new Setting(c.Key, Numbers.Text(c.Value)))]),
            Data = plan.Corpus.Title,
            DataHash = plan.Corpus.Hash,
            Started = here?.Started.ToString("O", CultureInfo.InvariantCulture),
            Device = here?.Device,
            Kernels = here?.Kernels.ToString().ToLowerInvariant(),
            Threads = here?.Threads,
            Processor = here?.Processor,
            Os = here?.OperatingSystem,
            Dotnet = here?.DotNet,
            Libtorch = here?.LibTorch,
            Workbench = here?.Workbench,
            PeakMemoryBytes = here?.PeakMemory,
            Error = summary?.Error,
        };
    }

    private static string? Published(string figure) => figure == "-" ? null : figure;
}
