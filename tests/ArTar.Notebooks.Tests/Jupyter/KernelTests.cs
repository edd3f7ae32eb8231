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
    public void A_thousand_quick_cells_are_answered_in_order()
    {
        var first = (int)kernel.Execute("").Reply.Content["execution_count"]!;
        var ids = SendAll(true, [.. Enumerable.Range(0, 1000).Select(i => i % 25 == 0 ? $"var thousand = {i}; thousand" : "// nothing")]);
        for (var i = 0; i < ids.Count; i++)
        {
            var reply = kernel.Receive();
            Assert.Equal((ids[i], "ok", first + i + 1), (reply.Parent, (string?)reply.Content["status"], (int)reply.Content["execution_count"]!));
        }
        kernel.PublishedFor(ids[^1]);
        Assert.Equal("975", kernel.Value("thousand"));
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
