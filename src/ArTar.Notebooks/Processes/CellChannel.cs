using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using ArTar.Notebooks.Cells;

namespace ArTar.Notebooks.Processes;

/// <summary>What the process that serves a front end asks of the process of the cells.</summary>
[JsonDerivedType(typeof(Run), "run")]
[JsonDerivedType(typeof(Interrupt), "interrupt")]
[JsonDerivedType(typeof(Complete), "complete")]
[JsonDerivedType(typeof(Inspect), "inspect")]
[JsonDerivedType(typeof(Answer), "answer")]
[JsonDerivedType(typeof(Close), "close")]
internal abstract record CellRequest
{
    /// <summary>Run a cell.</summary>
    public sealed record Run(string Code, int Number, bool MayAsk) : CellRequest;

    /// <summary>Stop it.</summary>
    public sealed record Interrupt : CellRequest;

    /// <summary>Which names fit at a place?</summary>
    public sealed record Complete(string Code, int Position) : CellRequest;

    /// <summary>What is known about the name at a place?</summary>
    public sealed record Inspect(string Code, int Position) : CellRequest;

    /// <summary>What the user has typed; null when no answer will come.</summary>
    /// <param name="Question">Which question it answers.</param>
    /// <param name="Text">The line.</param>
    public sealed record Answer(int Question, string? Text) : CellRequest;

    /// <summary>Put away what would outlive you.</summary>
    public sealed record Close : CellRequest;
}

/// <summary>What comes back.</summary>
[JsonDerivedType(typeof(Shown), "shown")]
[JsonDerivedType(typeof(Ended), "ended")]
[JsonDerivedType(typeof(Completed), "completed")]
[JsonDerivedType(typeof(Inspected), "inspected")]
[JsonDerivedType(typeof(Asked), "asked")]
[JsonDerivedType(typeof(Failed), "failed")]
[JsonDerivedType(typeof(Closed), "closed")]
internal abstract record CellReply
{
    /// <summary>A cell shows something, the running one or one that has ended.</summary>
    /// <param name="Run">Which run of a cell, counted from 1.</param>
    /// <param name="Output">What it shows.</param>
    public sealed record Shown(int Run, CellOutput Output) : CellReply;

    /// <summary>The cell has ended.</summary>
    public sealed record Ended(CellResult Result) : CellReply;

    /// <summary>The names that fit.</summary>
    public sealed record Completed(Suggestions Suggestions) : CellReply;

    /// <summary>What is known.</summary>
    public sealed record Inspected(string? Text) : CellReply;

    /// <summary>The cell asks the user.</summary>
    public sealed record Asked(int Question, string Prompt, bool IsPassword) : CellReply;

    /// <summary>Code of a cell that has ended threw something that nobody caught.</summary>
    public sealed record Failed(CellError Error) : CellReply;

    /// <summary>Nothing is left that would outlive the process.</summary>
    public sealed record Closed : CellReply;
}

/// <summary>
/// The private line between the two: each message is its length and JSON. A socket, since a program that a cell starts does not inherit it.
/// </summary>
internal sealed class CellChannel(Socket socket) : IDisposable
{
    private static readonly JsonSerializerOptions options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 512 };
    private readonly Lock gate = new();
    private readonly NetworkStream stream = new(socket, ownsSocket: true);

    /// <summary>Sends a message. When nobody is there any more it is lost: whoever receives notices that.</summary>
    public void Send<T>(T message)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, options);
        var frame = new byte[4 + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, json.Length);
        json.CopyTo(frame, 4);
        lock (gate)
        {
            try
            {
                stream.Write(frame);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
            }
        }
    }

    /// <summary>Waits for a message; null when the other side is gone.</summary>
    public T? Receive<T>() where T : class
    {
        try
        {
            Span<byte> length = stackalloc byte[4];
            stream.ReadExactly(length);
            var json = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
            stream.ReadExactly(json);
            return JsonSerializer.Deserialize<T>(json, options);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    public void Dispose() => stream.Dispose();
}
