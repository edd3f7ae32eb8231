using System.Security.Cryptography;
using ArTar.Workbench;
using ArTar.Workbench.Data;

namespace ArTar.Tests.Data;

public sealed class DownloadTests : IDisposable
{
    private static readonly Download hurried = new(pause: TimeSpan.Zero, stall: TimeSpan.FromSeconds(30));
    private readonly TemporaryFolder temp = new();
    private readonly byte[] served = RandomNumberGenerator.GetBytes(300_000);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => temp.Dispose();

    [Fact]
    public async Task A_file_arrives_whole()
    {
        using var server = new TinyServer((_, offset) => Task.FromResult(Answer.From(served, offset)));
        await Fetch(server);
        Assert.Equal([0], server.Offsets);
    }

    [Fact]
    public async Task A_lost_connection_is_taken_up_where_it_broke()
    {
        using var server = new TinyServer((_, offset) => Task.FromResult(Answer.From(served, offset, cut: 100_000)));
        await Fetch(server);
        Assert.Equal([0, 100_000, 200_000], server.Offsets);
    }

    [Fact]
    public async Task A_later_run_goes_on_from_what_an_earlier_one_left()
    {
        temp.Write("file", served[..123_456]);
        using var server = new TinyServer((_, offset) => Task.FromResult(Answer.From(served, offset)));
        await Fetch(server);
        Assert.Equal([123_456], server.Offsets);
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_makes_it_start_over()
    {
        temp.Write("file", served[..123_456]);
        using var server = new TinyServer((_, _) => Task.FromResult(Answer.Whole(served)));
        await Fetch(server);
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_and_always_breaks_off_does_not_hold_it_forever()
    {
        using var server = new TinyServer((_, _) => Task.FromResult(Answer.Whole(served, cut: 50_000)));
        var message = await Fails(server);
        Assert.StartsWith($"'{server.Address("file")}' could not be downloaded: ", message, StringComparison.Ordinal);
        Assert.EndsWith("(50,000 of 300,000 bytes are there). Run again to go on from there, or install from a copy of your own.", message, StringComparison.Ordinal);
        Assert.Equal(3, server.Offsets.Count);
    }

    [Fact]
    public async Task Wrong_bytes_are_deleted()
    {
        var wrong = served.ToArray();
        wrong[1_000] ^= 1;
        using var server = new TinyServer((_, offset) => Task.FromResult(Answer.From(wrong, offset)));
        Assert.Equal(
            $"'{server.Address("file")}' gave a file with SHA-256 {Sha256(wrong)}; expected {Sha256(served)}. What was downloaded is deleted. Try later, or install from a copy of your own.",
            await Fails(server));
        Assert.False(File.Exists(temp["file"]));
    }

    [Fact]
    public async Task Wrong_bytes_from_an_earlier_run_are_replaced()
    {
        temp.Write("file", new byte[200_000]);
        using var server = new TinyServer((_, offset) => Task.FromResult(Answer.From(served, offset)));
        await Fetch(server);
        Assert.Equal([200_000, 0], server.Offsets);
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(400_000)]
    public async Task Too_much_from_an_earlier_run_is_replaced(int size)
    {
        temp.Write("file", new byte[size]);
        using var server = new TinyServer((_, offset) => Task.FromResult(Answer.From(served, offset)));
        await Fetch(server);
    }

    [Fact]
    public async Task The_wrong_part_of_a_file_is_not_taken()
    {
        temp.Write("file", served[..100_000]);
        using var server = new TinyServer((_, offset) => Task.FromResult(Answer.From(served, offset == 0 ? 0 : offset + 5)));
        await Fetch(server);
    }

    [Fact]
    public async Task A_file_of_another_size_is_refused_before_it_is_loaded()
    {
        using var server = new TinyServer((_, _) => Task.FromResult(Answer.Whole(new byte[1_234])));
        Assert.Equal($"'{server.Address("file")}' offers a file of 1,234 bytes; expected 300,000. Install from a copy of your own.", await Fails(server));
    }

    [Fact]
    public async Task More_than_was_promised_is_cut_off()
    {
        using var server = new TinyServer((_, _) => Task.FromResult(new Answer("200 OK", [], [.. served, .. new byte[5_000_000]])));
        await Fetch(server);
    }

    [Fact]
    public async Task An_address_that_has_nothing_is_not_asked_again()
    {
        using var server = new TinyServer((_, _) => Task.FromResult(new Answer("404 Not Found", ["Content-Length: 0"], [])));
        Assert.Equal($"'{server.Address("file")}' answered 404 Not Found; expected the file file. Install from a copy of your own.", await Fails(server));
        Assert.Single(server.Offsets);
    }

    [Fact]
    public async Task A_server_in_trouble_is_asked_again()
    {
        var calls = 0;
        using var server = new TinyServer((_, offset) =>
            Task.FromResult(calls++ == 0 ? new Answer("503 Service Unavailable", ["Content-Length: 0"], []) : Answer.From(served, offset)));
        await Fetch(server);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up()
    {
        using var server = new TinyServer(async (_, offset) =>
        {
            await Task.Delay(Timeout.Infinite, Stop);
            return Answer.From(served, offset);
        });
        var hasty = new Download(TimeSpan.Zero, stall: TimeSpan.FromMilliseconds(50));
        var fault = await Assert.ThrowsAsync<WorkbenchException>(() => hasty.ToFile(Source(server), temp["file"], null, Stop));
        Assert.Contains("could not be downloaded: nothing came for 0 s (0 of 300,000 bytes are there)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_said_so()
    {
        var server = new TinyServer((_, offset) => Task.FromResult(Answer.From(served, offset)));
        var source = Source(server);
        server.Dispose();
        var fault = await Assert.ThrowsAsync<WorkbenchException>(() => hurried.ToFile(source, temp["file"], null, Stop));
        Assert.StartsWith($"'{source.Address}' could not be downloaded: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_download_keeps_what_it_has()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var server = new TinyServer((_, offset) => Task.FromResult(Answer.From(served, offset)));
        var stopper = new Stopper(stop, after: 150_000);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hurried.ToFile(Source(server), temp["file"], stopper, stop.Token));
        Assert.InRange(new FileInfo(temp["file"]).Length, 150_000, 299_999);
        await Fetch(server);
        Assert.Equal(2, server.Offsets.Count);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_told_at_once()
    {
        using var server = new TinyServer((_, offset) => Task.FromResult(Answer.From(served, offset)));
        var fault = await Assert.ThrowsAsync<WorkbenchException>(() => hurried.ToFile(Source(server), temp["missing/file"], null, Stop));
        Assert.StartsWith($"'{temp["missing/file"]}' cannot be written: ", fault.Message, StringComparison.Ordinal);
        Assert.Single(server.Offsets);
    }

    private async Task Fetch(TinyServer server)
    {
        await hurried.ToFile(Source(server), temp["file"], null, Stop);
        Assert.Equal(served, await File.ReadAllBytesAsync(temp["file"], Stop));
    }

    private async Task<string> Fails(TinyServer server) =>
        (await Assert.ThrowsAsync<WorkbenchException>(() => hurried.ToFile(Source(server), temp["file"], null, Stop))).Message;

    private CorpusSource Source(TinyServer server) => new(server.Address("file"), new("file", served.Length, Sha256(served)));

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
