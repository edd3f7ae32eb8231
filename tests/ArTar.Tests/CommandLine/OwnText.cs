using System.Text;

namespace ArTar.Tests.CommandLine;

/// <summary>A small data set in which most words are unknown ones.</summary>
internal static class OwnText
{
    /// <summary>A model so small that a run on it takes a fraction of a second.</summary>
    public static readonly string[] Tiny = ["--threads", "1", "--set", "epochs=2", "hidden=8", "batchSize=4", "evaluationBatchSize=2"];

    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var text = new StringBuilder();
        for (var i = 0; i < 60; i++)
            text.Append("<unk> <unk> one <unk> <unk> two <unk>\n<unk> <unk> three <unk>\n");
        foreach (var split in new[] { "train", "valid", "test" })
            File.WriteAllText(Path.Combine(folder, $"{split}.txt"), text.ToString());
    }
}
