using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ArTar.Notebooks.Tests.Committed;

/// <summary>The real .NET Interactive, as its front ends drive it: commands and events, a line of JSON each.</summary>
internal sealed class InteractiveTool : IDisposable
{
    private readonly Process process;
    private int sent;

    public InteractiveTool(string folder, params (string, string)[] environment)
    {
        var program = Path.Combine(Repository.Root, "artifacts", "tools", "dotnet-interactive");
        Requires.That(File.Exists(program), "dotnet-interactive", "dotnet tool install Microsoft.dotnet-interactive --version 1.0.712001 --tool-path artifacts/tools");
        process = Artar.Start(program, ["stdio", "--default-kernel", "csharp"], folder,
            [("DOTNET_CLI_TELEMETRY_OPTOUT", "1"), ("DOTNET_INTERACTIVE_SKIP_FIRST_TIME_EXPERIENCE", "1"), ("DOTNET_ROOT", Path.GetDirectoryName(Artar.DotNet)!), .. environment]);
        _ = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Sends a command; its token.</summary>
    public string Send(string type, JsonObject command)
    {
        var token = $"t{++sent}";
        process.StandardInput.WriteLine(new JsonObject { ["token"] = token, ["commandType"] = type, ["command"] = command, ["routingSlip"] = new JsonArray() }.ToJsonString());
        process.StandardInput.Flush();
        return token;
    }

    /// <summary>Sends a cell; its token.</summary>
    public string Start(string code) => Send("SubmitCode", new() { ["code"] = code, ["targetKernelName"] = "csharp" });

    /// <summary>The next event of a command.</summary>
    public (string Type, JsonObject Event) Next(string token)
    {
        while (process.StandardOutput.ReadLine() is { } line)
            if (line.StartsWith('{') && JsonNode.Parse(line) is JsonObject told && (string?)told["command"]?["token"] == token)
                return ((string)told["eventType"]!, (JsonObject)told["event"]!);
        throw new EndOfStreamException("dotnet-interactive has ended");
    }

    /// <summary>Runs a cell to its end; its last event, and the forms of its value by MIME type.</summary>
    public (string Type, string Message, Dictionary<string, string> Value) Run(string code) => Finish(Start(code));

    /// <summary>Waits for the end of a command.</summary>
    public (string Type, string Message, Dictionary<string, string> Value) Finish(string token)
    {
        var value = new Dictionary<string, string>();
        while (true)
        {
            var (type, told) = Next(token);
            if (type == "ReturnValueProduced")
                foreach (var form in told["formattedValues"]!.AsArray())
                    value[(string)form!["mimeType"]!] = (string)form["value"]!;
            if (type is "CommandSucceeded" or "CommandFailed")
                return (type, (string?)told["message"] ?? "", value);
        }
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
