using ArTar.Workbench;
using ArTar.Workbench.Data;

namespace ArTar.Tests.Data;

/// <summary>What tests of data do with a temporary folder.</summary>
internal static class DataFolder
{
    extension(TemporaryFolder folder)
    {
        public Workspace Workspace => new(folder.Path);

        public string Write(string name, string text) => folder.Write(name, System.Text.Encoding.UTF8.GetBytes(text));

        public string Write(string name, byte[] bytes)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
            File.WriteAllBytes(folder[name], bytes);
            return folder[name];
        }

        /// <summary>A folder with the three splits, ready to load.</summary>
        public string WriteCorpus(string train, string valid = "a\n", string test = "a\n")
        {
            folder.Write("text/train.txt", train);
            folder.Write("text/valid.txt", valid);
            folder.Write("text/test.txt", test);
            return folder["text"];
        }

        /// <summary>Loads a known corpus, or a folder by its full path, with this folder as the workspace.</summary>
        public Corpus Load(string nameOrFolder, IProgress<Progress>? progress = null) => Corpora.Load(nameOrFolder, folder.Workspace, progress);
    }
}
