using System.Text;

namespace ArTar.Tests.CommandLine;

/// <summary>A small data set in which most words are unknown ones.</summary>
internal static class OwnText
{
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
