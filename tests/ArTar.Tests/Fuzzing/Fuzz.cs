using System.Diagnostics;
using System.Globalization;
using ArTar.Workbench;

namespace ArTar.Tests.Fuzzing;

/// <summary>
/// Does something with many damaged inputs. Each case ends with a result or with an error that the command line tells in a line (exit code
/// 1), soon and in little memory; anything else fails, with the seed that makes the case again.
/// </summary>
internal static class Fuzz
{
    private const double MostSeconds = 5;
    private const long MostBytes = 1 << 30;
    private const int MostCases = 100_000;

    /// <summary>Seconds for all kinds together; a minute where <c>ARTAR_FUZZ_SECONDS</c> says nothing else.</summary>
    public static double Seconds { get; } = Number("ARTAR_FUZZ_SECONDS") ?? 60;

    /// <summary>Tries cases until the kind's share of the time is over, or a hundred thousand are done.</summary>
    /// <remarks>
    /// The same cases each time, so that a failure is of what was changed; <c>ARTAR_FUZZ_SEED=any</c> looks for new ones, and
    /// <c>ARTAR_FUZZ_CASE</c> begins with the case of that number.
    /// </remarks>
    /// <param name="output">Told the seed and how many cases there were.</param>
    /// <param name="share">The kind's part of <see cref="Seconds"/>.</param>
    /// <param name="act">Makes a case from its generator, and does what is to be done with it.</param>
    public static void Run(ITestOutputHelper output, double share, Action<Random> act)
    {
        var seed = Environment.GetEnvironmentVariable("ARTAR_FUZZ_SEED") == "any" ? Random.Shared.Next() : (int)(Number("ARTAR_FUZZ_SEED") ?? 1);
        output.WriteLine($"ARTAR_FUZZ_SEED={seed}");
        var (clock, results, errors, slowest) = (Stopwatch.StartNew(), 0, 0, TimeSpan.Zero);
        for (var number = (int)(Number("ARTAR_FUZZ_CASE") ?? 0); number < MostCases && clock.Elapsed.TotalSeconds < Seconds * share; number++)
        {
            var place = $"ARTAR_FUZZ_SEED={seed}, case {number}";
            var (begun, before, resident) = (clock.Elapsed, GC.GetAllocatedBytesForCurrentThread(), Environment.WorkingSet);
            try
            {
                act(new Random(HashCode(seed, number)));
                results++;
            }
            catch (Exception e) when (e is WorkbenchException or IOException or UnauthorizedAccessException && e.Message.Length > 0)
            {
                errors++;
            }
            catch (Exception e)
            {
                Assert.Fail($"{place}: {e}");
            }
            var took = clock.Elapsed - begun;
            if (took.TotalSeconds >= MostSeconds)
                took = Again(act, HashCode(seed, number)); // the machine may have been elsewhere
            slowest = took > slowest ? took : slowest;
            Assert.True(took.TotalSeconds < MostSeconds, $"{place}: {took.TotalSeconds:F1} s");
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MostBytes && Environment.WorkingSet - resident < MostBytes, $"{place}: more than 1 GB");
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{results + errors} cases: {results} results, {errors} errors; the slowest took {slowest.TotalMilliseconds:F0} ms"));
        Assert.True(errors > 0, "no case was refused: nothing was tried");
    }

    private static TimeSpan Again(Action<Random> act, int seed)
    {
        var clock = Stopwatch.StartNew();
        _ = Record.Exception(() => act(new Random(seed)));
        return clock.Elapsed;
    }

    // The same in every process, as HashCode.Combine is not.
    private static int HashCode(int seed, int number) => unchecked(seed * 486187739 + number * 16777619);

    private static double? Number(string variable) =>
        double.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
