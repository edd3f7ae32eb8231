using System.Diagnostics;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

namespace ArTar.Bench;

/// <summary>A whole table: <c>artar table 1</c> in the profile laptop on a shorter text.</summary>
/// <param name="Side">The side.</param>
/// <param name="Rows">So many rows of the table.</param>
/// <param name="Jobs">Rows side by side.</param>
/// <param name="Threads">Threads of each.</param>
/// <param name="Seconds">From start to end, the printed table included.</param>
internal sealed record TableTime(string Side, int Rows, int Jobs, int Threads, double Seconds)
{
    private const string Profile = "laptop";
    private const int Shortened = 10, Train = 150_000 / Shortened, Valid = 73_760 / Shortened, Test = 82_430 / Shortened,
    Vocabulary = 10_000;

    /// <summary>Measures the rows side by side and one after the other, ours and a peer's.</summary>
    /// <param name="steps">Starts the peer.</param>
    /// <param name="home">A folder for a workspace.</param>
    /// <param name="rows">Numbers of rows to measure.</param>
    /// <param name="epochs">Epochs of each row.</param>
    /// <param name="threads">All threads.</param>
    /// <param name="peer">Who else trains these rows, if anybody.</param>
    /// <param name="short">Even shorter, to see that it works.</param>
    public static IEnumerable<TableTime> Measure(Steps steps, string home, IReadOnlyList<int> rows, int epochs, int threads,
        Side? peer, bool @short)
    {
        var (scale, table) = (Workbench.Tables.Profile.Get(Profile), KnownTables.Get(1));
        var hidden = @short ? 8 : scale.Values.Hidden;
        var train = @short ? 800 : Train;
        var text = Commands.WriteText(Path.Combine(home, "text"), @short ? 50 : Vocabulary, train, @short ? 800 : Valid,
            @short ? 800 : Test);
        double Ours(int count, int jobs)
        {
            var runs = Path.Combine(home, "runs");
            if (Directory.Exists(runs))
                Directory.Delete(runs, recursive: true);
            return Commands.Time(home, "table", $"{table.Number}", "--profile", Profile, "--data", text, "--rows",
                string.Join(',', table.Rows.Take(count).Select(r => r.Id)),
                "--jobs", $"{jobs}", "--threads", $"{Math.Max(1, threads / jobs)}", "--set", $"epochs={epochs}", $"trainTokens={train}",
                $"hidden={hidden}");
        }
        Ours(1, 1); // tokenises the text
        var values = scale.Values;
        var configuration = new Configuration
        {
            Cell = values.Cell,
            Hidden = hidden,
            Vocabulary = @short ? 50 : Vocabulary,
            Batch = values.BatchSize,
            Window = values.Window,
            Layers = values.Layers,
            Dropout = values.Dropout,
            LearningRate = values.LearningRate,
            Clip = values.Clip,
            WeightDecay = values.WeightDecay,
        };
        int Windows(int tokens, int batch) => new Workbench.Data.Windows(new int[tokens], batch, values.Window).Count;
        var row = new Row(epochs, Windows(train, values.BatchSize), Windows(@short ? 800 : Valid, values.EvaluationBatchSize),
            Windows(@short ? 800 : Test, values.EvaluationBatchSize), values.EvaluationBatchSize);
        // Each row in a process of its own, as many at a time as are to be side by side.
        double Theirs(int count, int jobs)
        {
            var clock = Stopwatch.StartNew();
            Parallel.ForEach(table.Rows.Take(count).Select(r => r.Id), new() { MaxDegreeOfParallelism = jobs }, id => steps.Train(peer!,
                configuration with { Alpha = double.Parse(id.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture) },
                row, Math.Max(1, threads / jobs)));
            return clock.Elapsed.TotalSeconds;
        }
        foreach (var count in rows)
            foreach (var jobs in new[] { 1, threads }.Distinct().Where(jobs => jobs <= count))
            {
                yield return new(Sides.Ours.Id, count, jobs, Math.Max(1, threads / jobs), Ours(count, jobs));
                if (peer is not null)
                    yield return new(peer.Id, count, jobs, Math.Max(1, threads / jobs), Theirs(count, jobs));
            }
    }
}
