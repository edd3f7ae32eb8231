using ArTar.Notebooks.Cells;
using ArTar.Notebooks.Processes;

namespace ArTar.Notebooks.Jupyter;

/// <summary>
/// A Jupyter kernel: the protocol, before a process in which the cells run one after the other. Interrupt and shutdown never wait.
/// </summary>
public sealed class Kernel : IDisposable
{
    private static readonly TimeSpan endPatience = TimeSpan.FromSeconds(5);

    private readonly CellProcess cells;
    private readonly Sockets sockets;
    private readonly Lock gate = new();
    private readonly LinkedList<Request> waiting = [];
    private readonly SemaphoreSlim arrived = new(0);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<string?>? answer;
    private int executed;

    private Kernel(ConnectionFile connection, IReadOnlyList<string> command)
    {
        sockets = new(connection);
        cells = new(command, Environment.CurrentDirectory);
        sockets.Serve(Receive);
        Publish("status", new JsonObject { ["execution_state"] = "starting" }, null);
        _ = Task.Run(WorkAsync);
    }

    /// <summary>Serves a front end until it shuts the kernel down, or dies.</summary>
    /// <param name="connectionFile">The file that the front end wrote.</param>
    /// <param name="command">What starts the process of the cells; see <see cref="CellServer"/>.</param>
    /// <param name="interrupted">Given what interrupts the running cell, for front ends that send a signal.</param>
    /// <param name="stop">Ends the kernel.</param>
    /// <exception cref="WorkbenchException">The file cannot be used.</exception>
    public static async Task RunAsync(string connectionFile, IReadOnlyList<string> command, Action<Action> interrupted,
        CancellationToken stop)
    {
        using var kernel = new Kernel(ConnectionFile.Load(connectionFile), command);
        interrupted(kernel.cells.Interrupt);
        await Task.WhenAny(kernel.ended.Task, ParentWatch.EndAsync(), Task.Delay(Timeout.Infinite, stop));
        // Whatever keeps an orderly end from coming, the process ends.
        new Thread(() =>
        {
            Thread.Sleep(endPatience);
            Process.GetCurrentProcess().Kill();
        }) { IsBackground = true }.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cells.Dispose();
        sockets.Dispose();
        arrived.Dispose();
    }

    // Called by the sockets' threads, which must not wait.
    private void Receive(Channel channel, Message message)
    {
        if (channel == Channel.Shell)
        {
            lock (gate)
                waiting.AddLast(new Request(message));
            arrived.Release();
        }
        else if (channel == Channel.Control)
        {
            Answer(channel, message, () => Task.FromResult(Control(message))).GetAwaiter().GetResult();
        }
        else if (message.Type == "input_reply")
        {
            answer?.TrySetResult(message.Text("value"));
        }
    }

    private async Task WorkAsync()
    {
        while (true)
        {
            await arrived.WaitAsync();
            Request request;
            lock (gate)
            {
                request = waiting.First!.Value;
                waiting.RemoveFirst();
            }
            var message = request.Message;
            if (message.Type == "execute_request")
                await ExecuteAsync(request);
            else
                await Answer(Channel.Shell, message, () => ShellAsync(message));
        }
    }

    private async Task Answer(Channel channel, Message request, Func<Task<JsonObject?>> answer)
    {
        Publish("status", new JsonObject { ["execution_state"] = "busy" }, request);
        try
        {
            if (await answer() is { } content)
            {
                content.TryAdd("status", "ok");
                Reply(channel, request, content);
            }
        }
        catch (Exception e)
        {
            // A question that cannot be answered, about half-typed code say, must not end the session.
            Reply(channel, request, new JsonObject { ["status"] = "error", ["ename"] = e.GetType().Name, ["evalue"] = e.Message,
                ["traceback"] = new JsonArray() });
        }
        Publish("status", new JsonObject { ["execution_state"] = "idle" }, request);
        if (request.Type == "shutdown_request")
            ended.TrySetResult();
    }

    private JsonObject? Control(Message request)
    {
        switch (request.Type)
        {
            case "interrupt_request":
                cells.Interrupt();
                return [];
            case "shutdown_request": return new() { ["restart"] = request.Content["restart"]?.DeepClone() ?? false };
            case "kernel_info_request": return Replies.Info();
            // Whoever asks waits for an answer; what is no request has none.
            default: return request.Type.EndsWith("_request", StringComparison.Ordinal)
                    ? new() { ["status"] = "error", ["ename"] = "UnknownRequest",
                        ["evalue"] = $"This kernel does not know '{request.Type}'.", ["traceback"] = new JsonArray() }
                    : null;
        }
    }

    private async Task<JsonObject?> ShellAsync(Message request)
    {
        var code = request.Text("code");
        var cursor = request.Content["cursor_pos"] is JsonValue value && value.TryGetValue<int>(out var position)
            ? Replies.Utf16(code, position)
            : code.Length;
        switch (request.Type)
        {
            case "complete_request":
                return Replies.Of(await cells.CompleteAsync(code, cursor), code);
            case "inspect_request":
                var text = await cells.InspectAsync(code, cursor);
                return new() { ["found"] = text is not null, ["data"] = text is null ? [] : new JsonObject { ["text/plain"] = text },
                    ["metadata"] = new JsonObject() };
            case "is_complete_request":
                var completeness = CellEngine.IsComplete(code);
                return completeness == "incomplete" ? new() { ["status"] = completeness, ["indent"] = "    " }
                    : new() { ["status"] = completeness };
            case "history_request": return new() { ["history"] = new JsonArray() };
            case "comm_info_request": return new() { ["comms"] = new JsonObject() };
            case "comm_open":
                Publish("comm_close", new JsonObject { ["comm_id"] = request.Content["comm_id"]?.DeepClone(),
                    ["data"] = new JsonObject() }, request);
                return null;
            default: return Control(request);
        }
    }

    private async Task ExecuteAsync(Request request)
    {
        var message = request.Message;
        if (request.IsAborted)
        {
            await Answer(Channel.Shell, message, () =>
                Task.FromResult<JsonObject?>(new() { ["status"] = "aborted", ["execution_count"] = executed }));
            return;
        }
        var code = message.Text("code");
        var silent = message.Flag("silent", false);
        Publish("status", new JsonObject { ["execution_state"] = "busy" }, message);
        if (!silent && message.Flag("store_history", true))
            executed++;
        if (!silent)
            Publish("execute_input", new JsonObject { ["code"] = code, ["execution_count"] = executed }, message);
        var result = await cells.RunAsync(code, executed, silent ? _ => { } : output => Show(output, message),
            message.Flag("allow_stdin", false) ? Ask(message) : null);
        answer?.TrySetResult(null);
        var reply = new JsonObject { ["execution_count"] = executed };
        if (result.Error is { } error)
        {
            var fault = Replies.Of(error);
            if (!silent)
                Publish("error", (JsonObject)fault.DeepClone(), message);
            foreach (var (key, value) in fault.ToList())
                reply[key] = value?.DeepClone();
            // What was sent together ("run all") ends here. It must be known before the front end reads of the error and
            // sends something new.
            if (message.Flag("stop_on_error", true))
                AbortWaiting();
        }
        else
        {
            if (result.Value is { } shown && !silent)
                Publish("execute_result", new JsonObject { ["data"] = shown.Data, ["metadata"] = new JsonObject(),
                    ["execution_count"] = executed }, message);
            reply["user_expressions"] = await EvaluateAsync(message.Content["user_expressions"] as JsonObject ?? []);
            reply["payload"] = new JsonArray();
        }
        reply["status"] = result.Error is null ? "ok" : "error";
        Reply(Channel.Shell, message, reply);
        Publish("status", new JsonObject { ["execution_state"] = "idle" }, message);
    }

    private async Task<JsonObject> EvaluateAsync(JsonObject expressions)
    {
        var values = new JsonObject();
        foreach (var (name, expression) in expressions)
        {
            var result = await cells.RunAsync(expression is JsonValue value && value.TryGetValue<string>(out var text) ? text : "",
                executed, _ => { });
            values[name] = result.Error is { } error ? Replies.Of(error) : new JsonObject
            {
                ["status"] = "ok",
                ["data"] = result.Value?.Data ?? [],
                ["metadata"] = new JsonObject(),
            };
            if (result.Error is not null)
                values[name]!["status"] = "error";
        }
        return values;
    }

    private CellInput Ask(Message request) => (prompt, isPassword) =>
    {
        answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        sockets.Send(Channel.Stdin, Message.New("input_request", new() { ["prompt"] = prompt, ["password"] = isPassword }, request,
            request.Identities));
        return answer.Task.GetAwaiter().GetResult();
    };

    private void AbortWaiting()
    {
        lock (gate)
            foreach (var request in waiting)
                request.IsAborted = true;
    }

    private void Show(CellOutput output, Message parent)
    {
        switch (output)
        {
            case CellOutput.Text text:
                Publish("stream", new JsonObject { ["name"] = text.Stream, ["text"] = text.Content }, parent);
                break;
            case CellOutput.Display display:
                Publish(display.IsUpdate ? "update_display_data" : "display_data", new JsonObject
                {
                    ["data"] = display.Bundle.Data,
                    ["metadata"] = new JsonObject(),
                    ["transient"] = new JsonObject { ["display_id"] = display.Id },
                }, parent);
                break;
        }
    }

    private void Publish(string type, JsonObject content, Message? parent) =>
        sockets.Send(Channel.Iopub, Message.New(type, content, parent, [Sockets.Topic]));

    private void Reply(Channel channel, Message request, JsonObject content) =>
        sockets.Send(channel, Message.New(request.Type.Replace("_request", "_reply", StringComparison.Ordinal), content, request,
            request.Identities));

    private sealed class Request(Message message)
    {
        public Message Message => message;

        public bool IsAborted { get; set; }
    }
}
