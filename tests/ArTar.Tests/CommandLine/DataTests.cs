namespace ArTar.Tests.CommandLine;

/// <summary><c>artar data</c>: corpora are listed, installed and verified.</summary>
public sealed class DataTests : IDisposable
{
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    [Fact]
    public void What_can_be_installed_is_listed_with_its_sizes()
    {
        var listed = artar.Run("data", "list").Output;
        Assert.Matches("synthetic .* built in .* 25,005 / 5,002 / 5,000 +794", listed);
        Assert.Matches("wikitext-2 .* 2,088,628 / 217,646 / 245,569 +33,278", listed);
        Assert.Matches("ptb .* 929,589 / 73,760 / 82,430 +10,000", listed);
        Assert.Contains("not installed: artar data install ptb", listed, StringComparison.Ordinal);
    }

    [Fact]
    public void An_installed_corpus_is_sound_until_somebody_changes_it()
    {
        var source = TestData.Corpus("ptb");
        Assert.Contains("Nothing is installed in ", artar.Run("data", "verify").Output, StringComparison.Ordinal);
        var said = artar.Run("data", "install", "ptb", "--from", source);
        Assert.Equal((0, $"ptb is installed in {Path.Combine(artar.Home, "datasets", "ptb")}\n"), (said.Code, said.Output));
        Assert.EndsWith(", and sound\n", artar.Run("data", "install", "ptb", "--from", source).Output, StringComparison.Ordinal);
        said = artar.Run("data", "verify");
        Assert.Equal(0, said.Code);
        Assert.StartsWith("ptb: sound\n  train  929,589 tokens, vocabulary 10,000", said.Output, StringComparison.Ordinal);

        var train = Directory.EnumerateFiles(Path.Combine(artar.Home, "datasets", "ptb")).Single(f => f.Contains("train", StringComparison.Ordinal));
        File.AppendAllText(train, "one more line\n");
        said = artar.Run("data", "verify", "ptb");
        Assert.Equal(1, said.Code);
        Assert.StartsWith("ptb: damaged; mend it with: artar data install ptb\n", said.Output, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(train), said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_knows_is_not_installed()
    {
        var said = artar.Run("data", "install", "nothing");
        Assert.Equal((1, ""), (said.Code, said.Output));
        Assert.Contains("There is no corpus 'nothing' to install; expected ptb or wikitext-2.", said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_ones_own_is_read_and_summed_up()
    {
        OwnText.Write(Path.Combine(artar.Home, "text"));
        var said = artar.Run("data", "verify", "text");
        Assert.Equal(0, said.Code);
        Assert.Equal("  train  780 tokens, vocabulary 5, 61.54 % <unk>\n", said.Output.Split('\n')[0] + "\n");
    }
}
