namespace ArTar.Cli;

/// <summary>
/// What <c>--progress json</c> writes, a line each: <c>event</c> (step, epoch, notice or end) the run's place where several are trained,
/// and what belongs to it.
/// </summary>
internal static class RunMessages
{
    private const string Event = "event", Run = "run", Text = "text";

    /// <summary>How far the run of this place has come.</summary>
    public static string Of(int run, RunProgress progress)
    {
        var message = JsonSerializer.SerializeToNode(progress, Json.Compact)!.AsObject();
        message.Remove("isEpochEnd");
        message.Insert(0, Event, progress.IsEpochEnd ? "epoch" : "step");
        message[Run] = run;
        return message.ToJsonString(Json.Compact);
    }

    public static string Notice(int run, string text) =>
        new JsonObject { [Event] = "notice", [Run] = run, [Text] = text }.ToJsonString(Json.Compact);

    public static string Of(int run, RunSummary summary)
    {
        var message = new JsonObject { [Event] = "end", [Run] = run,
            ["status"] = JsonSerializer.SerializeToNode(summary.Status, Json.Compact) };
        if (summary.Error is { } error)
            message[Text] = error;
        return message.ToJsonString(Json.Compact);
    }

    /// <summary>Hands on what a line says; one that is none of ours says nothing.</summary>
    public static void Parse(string line, Action<int, RunProgress> progress, Action<int, string> notice)
    {
        try
        {
            if (JsonNode.Parse(line) is not JsonObject message || message[Event] is not JsonValue kind)
                return;
            message.Remove(Event);
            var run = message[Run]?.GetValue<int>() ?? 0;
            message.Remove(Run);
            switch (kind.GetValue<string>())
            {
                case "notice":
                    notice(run, message[Text]!.GetValue<string>());
                    break;
                case "step" or "epoch":
                    progress(run, message.Deserialize<RunProgress>(Json.Compact)! with { IsEpochEnd = kind.GetValue<string>() == "epoch" });
                    break;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            // Something that a library wrote to standard output.
        }
    }
}
