using ArTar.Workbench.Figures;
using CsCheck;

namespace ArTar.Tests.Figures;

public class LogTicksTests
{
    private static string[] Within(double low, double high)
    {
        var (places, words) = LogTicks.For([low, high]);
        return [.. places.Zip(words).Where(t => t.First >= low / 1.02 && t.First <= high * 1.02).OrderBy(t => t.First).Select(t => t.Second)];
    }

    [Fact]
    public void A_range_of_some_decades_has_1_2_and_5() => Assert.Equal(["100", "200", "500", "1,000"], Within(101, 990));

    [Fact]
    public void A_range_within_a_decade_has_round_numbers() => Assert.Equal(["208", "210", "212", "214", "216", "218"], Within(209.3, 216.5));

    [Fact]
    public void Many_decades_have_some_of_the_powers()
    {
        var words = Within(50, 1e21);
        Assert.InRange(words.Length, 5, 10);
        Assert.All(words, w => Assert.StartsWith("10", w, StringComparison.Ordinal));
        Assert.Contains("10<sup>19</sup>", words);
    }

    [Fact]
    public void Small_numbers_are_written_out() => Assert.Equal(["0.0005", "0.001", "0.002", "0.005"], Within(0.0005, 0.006));

    [Fact]
    public void Very_small_and_large_numbers_are_powers_of_ten_and_no_two_read_alike()
    {
        Assert.Equal(["10<sup>−8</sup>", "10<sup>−7</sup>", "0.000001", "0.00001", "0.0001"], Within(1e-8, 1.2e-4));
        Assert.Equal(["1.2·10<sup>6</sup>", "1.4·10<sup>6</sup>", "1.6·10<sup>6</sup>", "1.8·10<sup>6</sup>"], Within(1.2e6, 1.85e6).Where((_, i) => i % 2 == 0));
    }

    [Fact]
    public void Any_range_has_at_least_two_ticks_and_not_too_many() =>
        Gen.Select(Gen.Double[-9, 30], Gen.Double[0.002, 25]).Sample((from, decades) =>
        {
            var (low, high) = (Math.Pow(10, from), Math.Pow(10, from + decades));
            var (places, words) = LogTicks.For([low, high]);
            var margin = Math.Exp(Math.Max(0.08 * Math.Log(high / low), 0.01));
            var seen = places.Count(p => p >= low / margin && p <= high * margin);
            Assert.Equal(places.Length, words.Length);
            string[] read = [.. places.Zip(words).Where(t => t.First >= low / margin && t.First <= high * margin).Select(t => t.Second)];
            Assert.Equal(read.Length, read.Distinct().Count());
            Assert.InRange(seen, 2, 12);
        });

    [Fact]
    public void Values_without_a_logarithm_decide_nothing() =>
        Assert.Equal(LogTicks.For([100, 200]).Places, LogTicks.For([100, double.NaN, -1, 0, double.PositiveInfinity, 200]).Places);
}
