using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using CsCheck;

namespace ArTar.Tests.Data;

public sealed class InstallerTests : IDisposable
{
    private static readonly (string Name, byte[] Bytes)[] s_files =
        [.. ((string[])["toy.train.txt", "toy.valid.txt", "toy.test.txt"]).Select((name, i) => (name, RandomNumberGenerator.GetBytes(70_000 + i)))];

    private readonly TemporaryFolder place = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;
    private static CorpusInfo Toy { get; } = new("toy", "Toy", [.. s_files.Select(file => new CorpusFile(file.Name, file.Bytes.Length, Sha256(file.Bytes)))], [], (0, 0, 0, 0));
    private string Installed => Toy.Folder(place.Workspace);

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task From_a_folder_in_which_the_files_lie_somewhere_below()
    {
        foreach (var (name, bytes) in s_files) place.Write($"copy/data/{name}", bytes);
        place.Write("copy/toy.char.train.txt", "other");
        Assert.True(await Install(place["copy"]));
        AssertInstalled();
        Assert.False(await Install(place["copy"])); // nothing left to do
    }

    [Theory]
    [InlineData('x', "17777777777")]
    [InlineData('g', "07777777777")]
    [InlineData('L', "\u0080\0\0\0\0\0\0\0\u007f\u00ff\u00ff\u00ff")]
    [InlineData('K', "00010000000")]
    public async Task A_tar_whose_header_asks_for_much_memory_is_refused_before_it_gets_it(char kind, string size)
    {
        var header = new byte[1024];
        System.Text.Encoding.Latin1.GetBytes("name").CopyTo(header, 0);
        System.Text.Encoding.Latin1.GetBytes(size).CopyTo(header, 124);
        "0000777"u8.CopyTo(header.AsSpan(148));
        header[156] = (byte)kind;
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        place.Write("bomb.tar", "");
        await File.WriteAllBytesAsync(place["bomb.tar"], header, Stop);
        var before = GC.GetTotalAllocatedBytes();
        var fault = await Assert.ThrowsAsync<WorkbenchException>(() => Install(place["bomb.tar"]));
        Assert.Contains("larger than any are", fault.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 100_000_000);
    }

    [Fact]
    public async Task From_one_of_the_files_with_the_others_beside_it()
    {
        foreach (var (name, bytes) in s_files) place.Write($"copy/{name}", bytes);
        await Install(place["copy/toy.train.txt"]);
        AssertInstalled();
    }

    [Theory]
    [InlineData("toy.zip")]
    [InlineData("toy.tar")]
    [InlineData("toy.tgz")]
    public async Task From_an_archive(string name)
    {
        await Install(place.Write(name, Archive(name, s_files.Select(file => ($"./simple/{file.Name}", file.Bytes)).Prepend(("./simple/notes.txt", [1, 2])))));
        AssertInstalled();
    }

    [Theory]
    [InlineData("toy.zip", "../toy.train.txt")]
    [InlineData("toy.zip", "a/../../toy.train.txt")]
    [InlineData("toy.zip", "/etc/toy.train.txt")]
    [InlineData("toy.zip", "..\\toy.train.txt")]
    [InlineData("toy.zip", "C:\\toy.train.txt")]
    [InlineData("toy.tar", "../toy.train.txt")]
    [InlineData("toy.tgz", "/etc/toy.train.txt")]
    public async Task An_archive_that_reaches_outside_is_refused_whole(string name, string member)
    {
        var path = place.Write(name, Archive(name, s_files.Append((member, s_files[0].Bytes))));
        await Fails(path, $"The archive '{path}' has a member '{member}' that points outside of it; nothing was installed. Get the archive from its public address.");
        Assert.Equal([name, "datasets"], Directory.EnumerateFileSystemEntries(place.Path).Select(Path.GetFileName).OrderDescending());
    }

    [Fact]
    public async Task Links_in_a_tar_are_refused()
    {
        using (var tar = new TarWriter(File.Create(place["toy.tar"])))
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, "toy.train.txt") { LinkName = "/etc/passwd" }, Stop);
        await Fails(place["toy.tar"], $"The archive '{place["toy.tar"]}' has a member 'toy.train.txt' that is a link or a device; nothing was installed. Get the archive from its public address.");
    }

    [Fact]
    public async Task Links_in_a_zip_are_refused()
    {
        using (var zip = new ZipArchive(File.Create(place["toy.zip"]), ZipArchiveMode.Create))
        {
            var entry = zip.CreateEntry("toy.train.txt");
            entry.ExternalAttributes = unchecked((int)0xA1FF0000);
            await using var content = await entry.OpenAsync(Stop);
            content.Write("/etc/passwd"u8);
        }
        await Fails(place["toy.zip"], $"The archive '{place["toy.zip"]}' has a member 'toy.train.txt' that is a link or a device; nothing was installed. Get the archive from its public address.");
    }

    [Fact]
    public async Task A_wrong_file_is_named_with_both_hashes()
    {
        foreach (var (name, bytes) in s_files) place.Write($"copy/{name}", bytes);
        var wrong = s_files[1].Bytes.ToArray();
        wrong[^1] ^= 1;
        var path = place.Write("copy/toy.valid.txt", wrong);
        await Fails(place["copy"], $"'{path}' has the SHA-256 {Sha256(wrong)}; expected {Toy.Files[1].Sha256}. It is damaged or another version of the text.");
        place.Write("copy/toy.valid.txt", wrong[..100]);
        await Fails(place["copy"], $"'{path}' has 100 bytes; expected 70,001. It is cut short or another version of the text.");
        place.Write("copy/toy.valid.txt", new byte[1_000_000]);
        await Fails(place["copy"], $"'{path}' has more bytes; expected 70,001. It is cut short or another version of the text.");
    }

    [Fact]
    public async Task Missing_files_are_named()
    {
        place.Write("copy/toy.train.txt", s_files[0].Bytes);
        await Fails(place["copy"], $"'{place["copy"]}' holds no toy.valid.txt, toy.test.txt; expected a folder, zip or tar.gz with toy.train.txt, toy.valid.txt, toy.test.txt.");
        await Fails(place["nowhere"], $"'{place["nowhere"]}' is not there; expected a folder, zip or tar.gz that holds toy.train.txt, toy.valid.txt, toy.test.txt.");
    }

    [Theory]
    [InlineData("toy.zip")]
    [InlineData("toy.tar")]
    [InlineData("toy.tgz")]
    public async Task A_damaged_archive_installs_the_right_thing_or_nothing(string name)
    {
        var sound = Archive(name, s_files.Select(file => (file.Name, file.Bytes)));
        byte[] Flipped(int at, int bits)
        {
            var bytes = sound.ToArray();
            bytes[at] ^= (byte)bits;
            return bytes;
        }
        var damage = Gen.OneOf(
            Gen.Int[0, sound.Length - 1].Select(length => sound[..length]),
            Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Int[1, 255], Flipped),
            Gen.Select(Gen.Int[0, 600], Gen.Int[1, 255], Flipped),                                      // the first header
            Gen.Select(Gen.Int[0, 600], Gen.Int[1, 255], (at, bits) => Flipped(sound.Length - 1 - at, bits))); // a zip's directory
        await damage.SampleAsync(async bytes =>
        {
            using var temp = new TemporaryFolder();
            var path = temp.Write(name, bytes);
            try
            {
                await Installer.InstallAsync(Toy, temp.Workspace, path, cancellation: Stop);
                Assert.Empty(Installer.Verify(Toy, temp.Workspace, cancellation: Stop));
            }
            catch (WorkbenchException)
            {
                Assert.Equal(InstallState.Absent, Installer.StateOf(Toy, temp.Workspace));
            }
        }, iter: 100);
    }

    [Fact]
    public async Task From_the_public_addresses_with_a_connection_that_breaks()
    {
        using var server = new TinyServer((path, offset) => Task.FromResult(Answer.From(s_files.Single(file => file.Name == path).Bytes, offset, cut: 30_000)));
        var toy = Toy with { Sources = [.. Toy.Files.Select(file => new CorpusSource(server.Address(file.FileName), file))] };
        Assert.True(await Installer.InstallAsync(toy, place.Workspace, null, new Download(TimeSpan.Zero, TimeSpan.FromSeconds(30)), null, Stop));
        AssertInstalled();
        Assert.Equal(9, server.Offsets.Count);
    }

    [Fact]
    public async Task From_a_public_archive_stopped_anywhere_and_resumed()
    {
        var zip = Archive("toy.zip", s_files);
        using var server = new TinyServer((_, offset) => Task.FromResult(Answer.From(zip, offset)));
        var toy = Toy with { Sources = [new(server.Address("toy.zip"), new("toy.zip", zip.Length, Sha256(zip)))] };
        foreach (var after in (long[])[1, 50_000, 66_000, 120_000, 200_000])
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Installer.InstallAsync(toy, place.Workspace, null, new Stopper(stop, after), stop.Token));
            Assert.Equal(InstallState.Absent, Installer.StateOf(toy, place.Workspace));
        }
        await Installer.InstallAsync(toy, place.Workspace, cancellation: Stop);
        AssertInstalled();
        Assert.True(server.Offsets[1] > 0, "the second attempt went on from what the first left");
    }

    [Fact]
    public async Task A_damaged_corpus_is_mended()
    {
        foreach (var (name, bytes) in s_files) place.Write($"copy/{name}", bytes);
        await Install(place["copy"]);
        File.WriteAllBytes(Path.Combine(Installed, "toy.valid.txt"), new byte[70_001]);
        File.Delete(Path.Combine(Installed, "toy.test.txt"));
        Assert.Equal(InstallState.Damaged, Installer.StateOf(Toy, place.Workspace));
        Assert.Equal(
            [
                $"'{Path.Combine(Installed, "toy.valid.txt")}' has the SHA-256 {Sha256(new byte[70_001])}; expected {Toy.Files[1].Sha256}.",
                $"'{Path.Combine(Installed, "toy.test.txt")}' is missing.",
            ],
            Installer.Verify(Toy, place.Workspace, cancellation: Stop));
        Assert.True(await Install(place["copy"]));
        AssertInstalled();
    }

    [Fact]
    public async Task Files_of_the_user_are_never_replaced()
    {
        foreach (var (name, bytes) in s_files) place.Write($"copy/{name}", bytes);
        place.Write("datasets/toy/mine.txt", "precious");
        var fault = await Assert.ThrowsAsync<WorkbenchException>(() => Install(place["copy"]));
        Assert.Equal($"'{Installed}' is damaged and would be replaced, but it also holds mine.txt, which is not part of Toy. Move that away first.", fault.Message);
        Assert.Equal("precious", await File.ReadAllTextAsync(place["datasets/toy/mine.txt"], Stop));
    }

    [Fact]
    public async Task Two_installs_of_one_corpus_do_not_meet()
    {
        foreach (var (name, bytes) in s_files) place.Write($"copy/{name}", bytes);
        Directory.CreateDirectory(place["datasets/.partial"]);
        using (File.Open(place["datasets/.partial/toy.lock"], FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            var fault = await Assert.ThrowsAsync<WorkbenchException>(() => Install(place["copy"]));
            Assert.Contains("If another install of 'toy' is running, wait for it", fault.Message, StringComparison.Ordinal);
        }
        Assert.True(await Install(place["copy"]));
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_named()
    {
        foreach (var (name, bytes) in s_files) place.Write($"copy/{name}", bytes);
        place.Write("datasets", "a file");
        var fault = await Assert.ThrowsAsync<WorkbenchException>(() => Install(place["copy"]));
        Assert.StartsWith($"'{place["datasets/.partial/toy"]}' cannot be written: ", fault.Message, StringComparison.Ordinal);
    }

    private Task<bool> Install(string from) => Installer.InstallAsync(Toy, place.Workspace, from, cancellation: Stop);

    private async Task Fails(string from, string message)
    {
        Assert.Equal(message, (await Assert.ThrowsAsync<WorkbenchException>(() => Install(from))).Message);
        Assert.Equal(InstallState.Absent, Installer.StateOf(Toy, place.Workspace));
    }

    private void AssertInstalled()
    {
        Assert.Equal(InstallState.Installed, Installer.StateOf(Toy, place.Workspace));
        Assert.Equal(s_files.Select(file => file.Name).Order(), Directory.EnumerateFileSystemEntries(Installed).Select(Path.GetFileName).Order());
        foreach (var (name, bytes) in s_files) Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(Installed, name)));
        Assert.False(Directory.Exists(place["datasets/.partial/toy"]));
    }

    private static byte[] Archive(string name, IEnumerable<(string Name, byte[] Bytes)> members)
    {
        using var file = new MemoryStream();
        if (name.EndsWith("zip", StringComparison.Ordinal))
        {
            using var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true);
            foreach (var (member, bytes) in members)
            {
                using var content = zip.CreateEntry(member).Open();
                content.Write(bytes);
            }
        }
        else
        {
            using var packed = name.EndsWith("tgz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Compress, leaveOpen: true) : (Stream?)null;
            using var tar = new TarWriter(packed ?? file, TarEntryFormat.Ustar, leaveOpen: true);
            foreach (var (member, bytes) in members)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, member) { DataStream = new MemoryStream(bytes) });
        }
        return file.ToArray();
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
