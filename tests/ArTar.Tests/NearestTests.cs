using ArTar.Workbench;

namespace ArTar.Tests;

public class NearestTests
{
    [Theory]
    [InlineData("zzz", null)]
    [InlineData("gamma", "gamm")]
    [InlineData("aplha", "alpha")]
    [InlineData("batch", "batchSize")]
    [InlineData("lr", "learningRate")]
    [InlineData("b", null)]
    [InlineData("sede", "seeds")]
    [InlineData("", null)]
    public void Only_what_is_near_is_guessed(string given, string? expected) =>
        Assert.Equal(expected, Nearest.To(given, ["a", "alpha", "batchSize", "learningRate", "gamm", "seeds"]));

    [Fact]
    public void Where_nothing_is_near_nothing_is_guessed()
    {
        Assert.Equal("; did you mean 'quick'?", Nearest.Guess("quik", ["quick", "laptop"]));
        Assert.Equal(".", Nearest.Guess("zzz", ["a"]));
        Assert.Equal(".", Nearest.Guess("zzz", []));
    }
}
