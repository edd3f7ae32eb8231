namespace ArTar.Tests.CommandLine;

/// <summary><c>artar resume</c>: a run goes on to its end. That it ends with the same bits, however it was stopped, stands in <see cref="InterruptionTests"/>.</summary>
public sealed class ResumeTests(TrainedRun trained) : IDisposable
{
    private readonly Artar artar = trained.OnOwnText();

    public void Dispose() => artar.Dispose();

    /// <summary>The run that is trained and shown is the one in the folder that was named, whatever the folder is called.</summary>
    [Fact]
    public void A_folder_that_was_renamed_is_gone_on_with_where_it_is()
    {
        var renamed = Path.Combine(artar.Runs, "my-run");
        Directory.Move(artar.Folder("text"), renamed);
        File.Delete(Path.Combine(renamed, "summary.json"));
        var said = artar.Run("resume", renamed, "--threads", "1");
        Assert.Equal(0, said.Code);
        Assert.Contains(renamed, said.Output, StringComparison.Ordinal);
        Assert.Equal(renamed, Assert.Single(Directory.GetDirectories(artar.Runs)));
    }

    [Fact]
    public void Another_text_is_no_text_to_go_on_with()
    {
        File.WriteAllText(Path.Combine(artar.Home, "text", "test.txt"), "one two three\n");
        File.Delete(Path.Combine(artar.Folder("text"), "summary.json"));
        var said = artar.Run("resume", "text-lstm", "--threads", "1");
        Assert.Equal(1, said.Code);
        Assert.Contains("it has changed since", said.Errors, StringComparison.Ordinal);
        Assert.Contains("has another text (hash ", artar.Run("resume", "text-lstm", "--threads", "1", "--data", "text").Errors,
            StringComparison.Ordinal);
    }
}
