using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;

namespace ArTar.Notebooks.Tests.Jupyter;

/// <summary>The protocol, against one kernel process that has to survive all of it.</summary>
public sealed class KernelTests(KernelProcess kernel) : IClassFixture<KernelProcess>
{
    [Fact]
    public void A_cell_runs_as_the_protocol_says()
    {
        var (reply, published) = kernel.Execute("Console.Write(\"out\"); Console.Error.Write(\"err\"); var shown = 1.Display(); shown.Update(2); \"value\"");
        Assert.Equal(("execute_reply", "ok"), (reply.Type, (string?)reply.Content["status"]));
        Assert.Equal(["status", "execute_input", "stream", "stream", "display_data", "update_display_data", "execute_result", "status"], published.Select(m => m.Type));
        Assert.Equal(["stdout", "stderr"], published.Where(m => m.Type == "stream").Select(m => (string?)m.Content["name"]));
        Assert.Equal((string?)published[4].Content["transient"]!["display_id"], (string?)published[5].Content["transient"]!["display_id"]);
        var count = (int)reply.Content["execution_count"]!;
        Assert.All(published.Where(m => m.Type is "execute_input" or "execute_result"), m => Assert.Equal(count, (int)m.Content["execution_count"]!));
        Assert.Equal(count + 1, (int)kernel.Execute("").Reply.Content["execution_count"]!);
    }

    [Fact]
    public void An_error_has_its_line_and_stops_what_was_sent_with_it()
    {
        var ids = SendAll(true, "var a = 1;\nawait Task.Delay(500);\nthrow new Exception(\"no\");", "var b = 1;", "var c = 1;");
        var replies = ids.Select(_ => kernel.Receive()).ToList();
        Assert.Equal(ids, replies.Select(r => r.Parent));
        Assert.Equal(["error", "aborted", "aborted"], replies.Select(r => (string?)r.Content["status"]));
        var error = kernel.PublishedFor(ids[0]).Single(m => m.Type == "error").Content;
        Assert.Equal(("Exception", "no"), ((string?)error["ename"], (string?)error["evalue"]));
        Assert.EndsWith(", line 3", (string)error["traceback"]![1]!, StringComparison.Ordinal);
        kernel.PublishedFor(ids[2]);
        Assert.Equal("1", kernel.Value("a"));

        ids = SendAll(false, "await Task.Delay(200); throw new Exception();", "3");
        Assert.Equal(["error", "ok"], ids.Select(_ => (string?)kernel.Receive().Content["status"]));
        kernel.PublishedFor(ids[1]);
    }

    [Fact]
    public void A_silent_cell_counts_and_shows_nothing()
    {
        var before = (int)kernel.Execute("").Reply.Content["execution_count"]!;
        var id = kernel.Send("execute_request", new() { ["code"] = "Console.Write(1); 2", ["silent"] = true });
        Assert.Equal(before, (int)kernel.Receive().Content["execution_count"]!);
        Assert.Equal(["status", "status"], kernel.PublishedFor(id).Select(m => m.Type));
    }

    [Fact]
    public void Messages_with_a_wrong_signature_are_dropped()
    {
        kernel.Execute("var entered = false;");
        kernel.Send("execute_request", new() { ["code"] = "entered = true;" }, otherKey: "another key"u8.ToArray());
        kernel.Send("execute_request", new() { ["code"] = "entered = true;" }, otherKey: []);
        kernel.Send("shutdown_request", [], onControl: true, otherKey: "another key"u8.ToArray());
        Assert.Equal("False", kernel.Value("entered"));
    }

    [Fact]
    public void Garbage_is_survived()
    {
        var frame = Gen.OneOf(Gen.Byte.Array[0, 40], Gen.Const("<IDS|MSG>"u8.ToArray()), Gen.Const("{}"u8.ToArray()), Gen.Const("{\"msg_type\":\"execute_request\"}"u8.ToArray()));
        Gen.Select(Gen.Int[0, 2], frame.Array[1, 9]).Sample((channel, frames) => kernel.SendFrames(channel, frames), iter: 500, threads: 1);
        Assert.Equal("4", kernel.Value("2 + 2"));
        Assert.True(kernel.Beats());
    }

    [Fact]
    public void Signed_messages_with_contents_of_other_kinds_are_survived()
    {
        byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
        string[] types =
        [
            "execute_request", "complete_request", "inspect_request", "is_complete_request", "kernel_info_request", "comm_open",
            "comm_info_request", "history_request", "interrupt_request", "unknown_request", "input_reply",
        ];
        string[] contents =
        [
            "[]", "5", "null", "{}", "{\"code\":5,\"cursor_pos\":\"x\",\"silent\":3,\"stop_on_error\":{}}", "{\"code\":null}",
            "{\"code\":\"a.\",\"cursor_pos\":-7}", "{\"code\":\"a.\",\"cursor_pos\":99999}", "{\"code\":\"\",\"code\":\"\"}", "\"\\ud800\"", "{\"code\":\"\\ud800\"}",
        ];
        foreach (var type in types)
            foreach (var content in contents)
            {
                kernel.SendFrames(0, KernelProcess.WithSignature(Bytes($"{{\"msg_type\":\"{type}\",\"msg_id\":\"x\"}}"), "{}"u8.ToArray(), "{}"u8.ToArray(), Bytes(content)));
                kernel.SendFrames(1, KernelProcess.WithSignature(Bytes($"{{\"msg_type\":\"{type}\"}}"), Bytes(content), "{}"u8.ToArray(), Bytes(content)));
            }
        kernel.SendFrames(0, KernelProcess.WithSignature("{\"msg_type\":5}"u8.ToArray(), "{}"u8.ToArray(), "{}"u8.ToArray(), "{}"u8.ToArray()));
        Drain();
        Assert.Equal("6", kernel.Value("6"));
    }

    [Fact]
    public void Hundreds_of_quick_cells_are_answered_in_order()
    {
        var first = (int)kernel.Execute("").Reply.Content["execution_count"]!;
        var ids = SendAll(true, [.. Enumerable.Range(0, 300).Select(i => i % 25 == 0 ? $"var last = {i}; last" : "// nothing")]);
        for (var i = 0; i < ids.Count; i++)
        {
            var reply = kernel.Receive();
            Assert.Equal((ids[i], "ok", first + i + 1), (reply.Parent, (string?)reply.Content["status"], (int)reply.Content["execution_count"]!));
        }
        kernel.PublishedFor(ids[^1]);
        Assert.Equal("275", kernel.Value("last"));
    }

    [Fact]
    public void Five_megabytes_of_output_arrive_whole()
    {
        var (reply, published) = kernel.Execute("for (var i = 0; i < 5_000; i++) Console.WriteLine($\"{i:D6} {new string('x', 992)}\");");
        Assert.Equal("ok", (string?)reply.Content["status"]);
        var text = string.Concat(published.Where(m => m.Type == "stream").Select(m => (string)m.Content["text"]!));
        Assert.Equal(5_000_000, text.Length);
        foreach (var (index, line) in text.Split('\n')[..^1].Index())
            Assert.StartsWith($"{index:D6} x", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Control_answers_while_a_cell_is_busy_and_an_interrupt_stops_it()
    {
        var busy = kernel.StartBusy("var reached = 1; Console.Write('x'); while (true) { }");
        Assert.True(kernel.Beats());
        kernel.Send("kernel_info_request", [], onControl: true);
        Assert.Equal("csharp", (string?)kernel.Receive(onControl: true).Content["language_info"]!["name"]);
        kernel.Send("interrupt_request", [], onControl: true);
        Assert.Equal("interrupt_reply", kernel.Receive(onControl: true).Type);
        var reply = kernel.Receive();
        Assert.Equal((busy, "Interrupted"), (reply.Parent, (string?)reply.Content["ename"]));
        Drain();
        Assert.Equal("1", kernel.Value("reached"));
    }

    [Fact]
    public void A_signal_interrupts_too()
    {
        Requires.That(!OperatingSystem.IsWindows(), "kill", "signals are a matter of Unix");
        kernel.StartBusy("Console.Write('x'); Thread.Sleep(-1);");
        Process.Start("kill", ["-INT", $"{kernel.Process.Id}"]).WaitForExit();
        Assert.Equal("Interrupted", (string?)kernel.Receive().Content["ename"]);
        Drain();
        Assert.False(kernel.Process.HasExited);
    }

    [Fact]
    public void Questions_about_code_count_code_points()
    {
        JsonObject Ask(string type, JsonObject content)
        {
            kernel.Send(type, content);
            return kernel.Receive().Content;
        }
        var completion = Ask("complete_request", new() { ["code"] = "/*😀*/ Console.WriteL", ["cursor_pos"] = 20 });
        Assert.Contains("WriteLine", completion["matches"]!.AsArray().Select(m => (string?)m));
        Assert.Equal((14, 20), ((int)completion["cursor_start"]!, (int)completion["cursor_end"]!));
        Assert.True((bool)Ask("inspect_request", new() { ["code"] = "Workspace.Find()", ["cursor_pos"] = 3 })["found"]!);
        Assert.Equal("incomplete", (string?)Ask("is_complete_request", new() { ["code"] = "if (true) {" })["status"]);
        Assert.Equal("complete", (string?)Ask("is_complete_request", new() { ["code"] = "1" })["status"]);
        Assert.Empty(Ask("history_request", [])["history"]!.AsArray());
        Assert.Empty(Ask("comm_info_request", [])["comms"]!.AsObject());
        Drain();
    }

    [Fact]
    public void A_cell_that_reads_asks_the_user_where_that_is_allowed()
    {
        var id = kernel.Send("execute_request", new() { ["code"] = "Console.Write(\"name? \"); var name = Console.ReadLine(); var letter = (char)Console.Read(); name + letter", ["allow_stdin"] = true });
        var question = kernel.Asked();
        Assert.Equal(("input_request", id, false), (question.Type, question.Parent, (bool)question.Content["password"]!));
        kernel.Answer("Ada");
        kernel.Asked();
        kernel.Answer("!");
        Assert.Equal("ok", (string?)kernel.Receive().Content["status"]);
        var published = kernel.PublishedFor(id);
        Assert.Equal("name? ", (string?)published.First(m => m.Type == "stream").Content["text"]);
        Assert.Equal("Ada!", (string?)published.Single(m => m.Type == "execute_result").Content["data"]!["text/plain"]);
        Assert.Contains("nobody is there to answer", (string?)kernel.Execute("Console.ReadLine();").Reply.Content["evalue"], StringComparison.Ordinal);

        kernel.Send("execute_request", new() { ["code"] = "Console.ReadLine();", ["allow_stdin"] = true });
        kernel.Asked();
        kernel.Send("interrupt_request", [], onControl: true);
        kernel.Receive(onControl: true);
        Assert.Equal("Interrupted", (string?)kernel.Receive().Content["ename"]);
        Drain();
    }

    [Theory]
    [InlineData("Environment.Exit(0);", "ProcessEnded", "exit code 0")]
    [InlineData("Environment.FailFast(\"over\");", "ProcessCrashed", "signal 6")]
    [InlineData("Process.GetCurrentProcess().Kill();", "ProcessKilled", "killed from outside")]
    [InlineData("System.Runtime.InteropServices.Marshal.ReadInt32((nint)(-8L << 40)); System.Runtime.InteropServices.Marshal.FreeHGlobal((nint)4096);", null, "")]
    [InlineData("async void Late() { await Task.Delay(50); throw new FormatException(\"late\"); }\nLate();\nawait Task.Delay(5000);", "FormatException", "late")]
    [InlineData("new Thread(() => throw new FormatException(\"raw\")).Start();\nThread.Sleep(5000);", "FormatException", "raw")]
    [InlineData("new Timer(_ => throw new FormatException(\"tick\"), null, 50, 50);\nwhile (true) { }", "FormatException", "tick")]
    [InlineData("ThreadPool.UnsafeQueueUserWorkItem(_ => throw new FormatException(\"pool\"), null);\nwhile (true) { }", "FormatException", "pool")]
    [InlineData("var all = new List<byte[]>();\nwhile (true) all.Add(new byte[500_000_000]);", "OutOfMemoryException", "")]
    public void Whatever_happens_to_its_process_a_cell_ends_with_an_error_and_the_next_one_is_answered(string code, string? name, string message)
    {
        var (reply, published) = kernel.Execute("using System.Diagnostics;\n" + code);
        Assert.Equal("error", (string?)reply.Content["status"]);
        if (name is not null)
            Assert.Equal(name, (string?)reply.Content["ename"]);
        Assert.Contains(message, (string?)reply.Content["evalue"], StringComparison.Ordinal);
        Assert.Single(published, m => m.Type == "error");
        Assert.Equal("4", kernel.Value("2 + 2"));
        kernel.Execute("all = null;");
    }

    [Fact]
    public void What_is_written_past_the_console_belongs_to_the_cell_that_was_running()
    {
        Requires.That(!OperatingSystem.IsWindows(), "echo", "a program of Unix");
        for (var i = 0; i < 5; i++)
        {
            var (_, published) = kernel.Execute(
                $"System.Diagnostics.Process.Start(\"sh\", [\"-c\", \"echo child {i}; echo fault {i} >&2\"]).WaitForExit();\nusing (var raw = Console.OpenStandardOutput()) raw.Write(\"ü {i}\"u8);");
            string Text(string stream) => string.Concat(published.Where(m => m.Type == "stream" && (string?)m.Content["name"] == stream).Select(m => (string?)m.Content["text"]));
            Assert.Equal($"child {i}\nü {i}", Text("stdout"));
            Assert.Equal($"fault {i}\n", Text("stderr"));
        }
    }

    [Fact]
    public void Requests_are_counted_evaluated_and_answered_as_the_protocol_says()
    {
        var count = (int)kernel.Execute("var seven = 7;").Reply.Content["execution_count"]!;
        kernel.Send("execute_request", new() { ["code"] = "seven", ["store_history"] = false, ["user_expressions"] = new JsonObject { ["sum"] = "seven + 1", ["bad"] = "undeclared" } });
        var reply = kernel.Receive().Content;
        Assert.Equal(count, (int)reply["execution_count"]!);
        Assert.Equal(("ok", "8"), ((string?)reply["user_expressions"]!["sum"]!["status"], (string?)reply["user_expressions"]!["sum"]!["data"]!["text/plain"]));
        Assert.Equal(("error", "CS0103"), ((string?)reply["user_expressions"]!["bad"]!["status"], (string?)reply["user_expressions"]!["bad"]!["ename"]));
        Assert.Equal(count + 1, (int)kernel.Execute("").Reply.Content["execution_count"]!);
        foreach (var onControl in new[] { false, true })
        {
            kernel.Send("debug_request", [], onControl);
            var unknown = kernel.Receive(onControl);
            Assert.Equal(("debug_reply", "error"), (unknown.Type, (string?)unknown.Content["status"]));
        }
        kernel.Send("complete_request", new() { ["code"] = "seven.", ["cursor_pos"] = 6 });
        var kinds = kernel.Receive().Content["metadata"]!["_jupyter_types_experimental"]!.AsArray();
        Assert.Equal("method", (string?)kinds.First(k => (string?)k!["text"] == "CompareTo")!["type"]);
        kernel.Send("inspect_request", new() { ["code"] = "seven", ["cursor_pos"] = 2 });
        Assert.Equal("int seven = 7", (string?)kernel.Receive().Content["data"]!["text/plain"]);
        Drain();
    }

    private List<string> SendAll(bool stopOnError, params string[] cells) =>
        [.. cells.Select(code => kernel.Send("execute_request", new() { ["code"] = code, ["stop_on_error"] = stopOnError }))];

    /// <summary>Reads all answers to what was sent so far.</summary>
    private void Drain()
    {
        foreach (var onControl in new[] { false, true })
        {
            var id = kernel.Send("kernel_info_request", [], onControl);
            while (kernel.Receive(onControl).Parent != id)
            {
            }
            kernel.PublishedFor(id);
        }
    }
}
