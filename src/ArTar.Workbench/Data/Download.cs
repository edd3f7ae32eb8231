using System.Net;
using System.Net.Http.Headers;

namespace ArTar.Workbench.Data;

/// <summary>Fetches one file; what has arrived is kept, so that the next attempt, or the next run, goes on from there.</summary>
internal sealed class Download(TimeSpan pause, TimeSpan stall)
{
    private const int AttemptsWithoutProgress = 3;
    private static readonly HttpClient client = NewClient();

    /// <summary>Waits a second after a lost connection, and takes a minute of silence for one.</summary>
    public static Download Patient { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    /// <summary>
    /// Downloads <paramref name="source"/> to <paramref name="path"/>, resuming what lies there, and checks its size and SHA-256.
    /// </summary>
    /// <exception cref="WorkbenchException">The address cannot be reached, or gives something else than expected.</exception>
    public async Task ToFile(CorpusSource source, string path, IProgress<Progress>? progress, CancellationToken cancellation)
    {
        var expected = source.File;
        var (furthest, failures) = (0L, 0);
        var resumed = SizeOf(path) > 0;
        while (true)
        {
            if (SizeOf(path) > expected.Bytes) File.Delete(path);
            if (SizeOf(path) == expected.Bytes)
            {
                var found = DataFile.Sha256(path, progress, cancellation);
                if (found == expected.Sha256) return;
                File.Delete(path);
                if (!resumed)
                    throw new WorkbenchException(
                        $"'{source.Address}' gave a file with SHA-256 {found}; expected {expected.Sha256}. What was downloaded is "
                            + "deleted. Try later, or install from a copy of your own.");
                resumed = false; // the pieces may be of two different files: once more, from the start
            }
            string fault;
            try
            {
                resumed |= await Append(source, path, progress, cancellation);
                fault = "the connection closed early";
            }
            catch (Exception lost) when (lost is HttpRequestException or IOException or OperationCanceledException
                && !cancellation.IsCancellationRequested)
            {
                fault = lost is OperationCanceledException ? $"nothing came for {stall.TotalSeconds:0} s" : lost.Message;
            }
            if (SizeOf(path) == expected.Bytes) continue;
            failures = SizeOf(path) > furthest ? 1 : failures + 1;
            furthest = Math.Max(furthest, SizeOf(path));
            if (failures >= AttemptsWithoutProgress)
                throw new WorkbenchException(
                    $"'{source.Address}' could not be downloaded: {fault} ({SizeOf(path):N0} of {expected.Bytes:N0} bytes are there). Run "
                        + "again to go on from there, or install from a copy of your own.");
            progress?.Report(new($"{expected.FileName}: {fault}; trying again", 0, 0, "notice"));
            await Task.Delay(pause * failures, cancellation);
        }
    }

    /// <summary>One request for what is missing; true if it went on from what was there.</summary>
    private async Task<bool> Append(CorpusSource source, string path, IProgress<Progress>? progress, CancellationToken cancellation)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        silence.CancelAfter(stall);
        var have = SizeOf(path);
        using var request = new HttpRequestMessage(HttpMethod.Get, source.Address);
        if (have > 0) request.Headers.Range = new RangeHeaderValue(have, null);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            File.Delete(path);
            return false;
        }
        if ((int)response.StatusCode is >= 400 and < 500 and not (408 or 429))
            throw new WorkbenchException(
                $"'{source.Address}' answered {(int)response.StatusCode} {response.ReasonPhrase}; expected the file "
                    + $"{source.File.FileName}. Install from a copy of your own.");
        response.EnsureSuccessStatusCode();

        var goesOn = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == have;
        if (response.StatusCode == HttpStatusCode.PartialContent && !goesOn)
        {
            File.Delete(path);
            throw new IOException("the server sent another part of the file than was asked for");
        }
        if (!goesOn) have = 0;
        if (response.Content.Headers.ContentLength is { } length && have + length != source.File.Bytes)
            throw new WorkbenchException(
                $"'{source.Address}' offers a file of {have + length:N0} bytes; expected {source.File.Bytes:N0}. Install from a copy "
                    + "of your own.");

        await using var body = await response.Content.ReadAsStreamAsync(silence.Token);
        await using var file = DataFile.OpenForWriting(path, goesOn ? FileMode.Append : FileMode.Create);
        var buffer = new byte[1 << 16];
        while (have < source.File.Bytes)
        {
            silence.CancelAfter(stall);
            var read = await body.ReadAsync(buffer, silence.Token);
            if (read == 0) break;
            read = (int)Math.Min(read, source.File.Bytes - have);
            DataFile.Store(path, () => file.Write(buffer, 0, read));
            have += read;
            progress?.Report(new($"downloading {source.File.FileName}", have, source.File.Bytes, "bytes"));
        }
        return goesOn;
    }

    private static long SizeOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private static HttpClient NewClient()
    {
        var client = new HttpClient(
            new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30), PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = Timeout.InfiniteTimeSpan, // silence is watched instead: a slow line may take as long as it needs
        };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("artar");
        return client;
    }
}
