using System.Security.Cryptography;
using System.Text;
using ArTar.Notebooks.Ipynb;
using ArTar.Notebooks.Jupyter;
using ArTar.Tests.Fuzzing;

namespace ArTar.Notebooks.Tests.Fuzzing;

/// <summary>Damaged notebooks, connection files and messages.</summary>
public sealed class FuzzTests(ITestOutputHelper output) : IDisposable
{
    private const double Share = 1.0 / 12;
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void Connection_files()
    {
        const string good = """{"transport":"tcp","ip":"127.0.0.1","key":"secret","signature_scheme":"hmac-sha256","shell_port":9001,"control_port":9002,"stdin_port":9003,"iopub_port":9004,"hb_port":9005}""";
        Fuzz.Run(output, Share, random =>
        {
            File.WriteAllBytes(file, random.Next(2) == 0 ? Encoding.UTF8.GetBytes(Mutation.OfJson(good, random)) : Mutation.Of(Encoding.UTF8.GetBytes(good), [Encoding.UTF8.GetBytes(good)], random));
            var connection = ConnectionFile.Load(file);
            Assert.NotEmpty(connection.Key);
            Assert.True(System.Net.IPAddress.IsLoopback(connection.Ip));
        });
    }

    [Fact]
    public void Notebooks()
    {
        const string good = """
            {"cells": [
              {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Title\n", "text"]},
              {"cell_type": "code", "execution_count": 1, "id": "b", "metadata": {"tags": ["parameters"]}, "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["1\n"]},
                {"output_type": "display_data", "data": {"text/plain": "x", "image/png": "AAAA"}, "metadata": {}}], "source": "1 + 1"}],
             "metadata": {"kernelspec": {"name": "artar-csharp", "display_name": "C#", "language": "C#"}, "language_info": {"name": "csharp"}}, "nbformat": 4, "nbformat_minor": 5}
            """;
        var bytes = Encoding.UTF8.GetBytes(good);
        Fuzz.Run(output, Share, random =>
        {
            File.WriteAllBytes(file, random.Next(2) == 0 ? Encoding.UTF8.GetBytes(Mutation.OfJson(good, random)) : Mutation.Of(bytes, [bytes], random));
            var notebook = NotebookFile.Load(file);
            foreach (var cell in notebook.Cells)
                Assert.True(cell.Source.Length + cell.Type.Length + cell.Tags.Count() >= 0);
            Assert.NotEmpty(notebook.ToBytes());
        });
    }

    [Fact]
    public void Messages()
    {
        var key = "key"u8.ToArray();
        var good = Message.New("execute_request", new() { ["code"] = "1", ["silent"] = false }, null, ["a"u8.ToArray()]).Write(key).ToList();
        Fuzz.Run(output, Share, random =>
        {
            var frames = good.Select(f => random.Next(4) == 0 ? Mutation.Of(f, good, random) : f).Take(random.Next(1, good.Count + 3)).ToList();
            // Signed all the same, as a front end that is out of order would.
            if (random.Next(2) == 0 && frames.Count == good.Count)
                frames[2] = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(key, frames.Skip(3).SelectMany(f => f).ToArray())));
            if (Message.Read(frames, key) is { } message)
                _ = (message.Type, message.Text("code"), message.Flag("silent", true), message.Write(key).Count);
            else
                throw new IOException("dropped"); // as good as an error here
        });
    }
}
