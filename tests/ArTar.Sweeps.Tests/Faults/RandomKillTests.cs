using System.Globalization;

namespace ArTar.Sweeps.Tests.Faults;

/// <summary>Workers and supervisors of a small sweep, killed at random again and again.</summary>
public sealed class RandomKillTests(UndisturbedRows undisturbed, ITestOutputHelper output) : IDisposable
{
    private const string Kills = "ARTAR_TEST_KILLS", Seed = "ARTAR_KILL_SEED";
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    private static int Given(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : otherwise;

    [Fact]
    public void After_random_kills_every_row_has_ended_once_with_the_same_bits()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "processes are found in /proc");
        var (kills, seed) = (Given(Kills, 25), Given(Seed, Environment.TickCount));
        output.WriteLine($"{kills} kills ({Kills} sets another number), seed {seed} ({Seed} repeats it)");
        var random = new Random(seed);
        int workers = 0, supervisors = 0, sweeps = 0;
        while (workers + supervisors < kills)
        {
            // A sweep that is done makes room for the next one.
            if (Directory.Exists(artar.Runs))
                Directory.Delete(artar.Runs, recursive: true);
            var name = $"kills{++sweeps}";
            var said = artar.Run("sweep", "submit", UndisturbedRows.Spec(undisturbed.Data), "--name", name, "--retries", "1000", "--jobs", "2");
            Assert.True(said.Code == 0, said.Errors);
            while (workers + supervisors < kills && artar.Status(name) is var state && !state.IsOver)
            {
                Thread.Sleep(random.Next(0, 600));
                if (random.Next(10) == 0 && Sweeping.Supervisors(name) is [var supervisor])
                {
                    Sweeping.Kill(supervisor);
                    supervisors++;
                    if (random.Next(2) == 0)
                        Thread.Sleep(random.Next(0, 1000));
                    said = artar.Run("sweep", "retry", name);
                    Assert.True(said.Code == 0, said.Errors);
                }
                else if (artar.Workers() is { Count: > 0 } alive)
                {
                    Sweeping.Kill(alive[random.Next(alive.Count)]);
                    workers++;
                }
            }
            var waited = artar.Wait(name);
            Assert.True(waited.Code == 0, $"seed {seed}: {waited.Errors}\n{artar.Run("sweep", "logs", name).Output}");
            undisturbed.AssertSame(artar.Runs);
            var attempts = artar.Attempts(name);
            Assert.Equal(2, attempts.Count(a => a.Contains("-ended", StringComparison.Ordinal)));
            Assert.DoesNotContain(attempts, a => a.Contains("-running", StringComparison.Ordinal));
        }
        output.WriteLine($"{workers} workers and {supervisors} supervisors killed over {sweeps} sweeps of 2 rows");
    }
}
