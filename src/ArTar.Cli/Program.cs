using System.CommandLine.Invocation;
using ArTar.Cli.Sweeps;

namespace ArTar.Cli;

internal static class Program
{
    private const string Description = """
        ArTar.Workbench: activation regularization (AR) and temporal activation regularization (TAR)
        on recurrent language models. Trains the tables of "Revisiting Activation Regularization for
        Language RNNs" row by row and prints what was measured beside what is cited.

        Exit codes: 0 done; 1 something to mend, the message says what; 2 the command line is wrong;
        3 a run diverged, failed or ran out of memory (in a table a diverged row is a result, not a 3);
        4 a defect of this program; 5 the run was taken over by another process; 130 stopped by Ctrl+C, the same command goes on.
        """;

    /// <summary>Every command.</summary>
    internal static RootCommand Commands(Option<bool> debug)
    {
        var root = new RootCommand(Description)
        {
            TableCommand.Create(),
            TablesCommand.Create(),
            ClaimsCommand.Create(),
            TrainCommand.Create(),
            ResumeCommand.Create(),
            EvaluateCommand.Create(),
            SampleCommand.Create(),
            ProbeCommand.Create(),
            FiguresCommand.Create(),
            RunsCommand.Create(),
            SweepCommand.Create(),
            DataCommand.Create(),
            NotebookCommand.Create(),
            KernelCommand.Create(),
            DoctorCommand.Create(),
            debug,
        };
        root.WithExamples("artar table 1", "artar tables", "artar table 2 --profile laptop --seeds 3");
        ExamplesHelp.Install(root);
        Options.RefuseSlips(root);
        return root;
    }

    private static int Main(string[] args)
    {
        Terminal.Initialize();
        Console.SetError(CommandName.Errors(Console.Error));
        var debug = new Option<bool>("--debug") { Description = "show the full stack of an unexpected error (or set ARTAR_DEBUG=1)",
            Recursive = true };
        // No response files: '@-@' is a word of WikiText-2.
        var parsed = Commands(debug).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction wrong)
            return UsageError(parsed, wrong);
        var withStack = parsed.GetValue(debug) || Environment.GetEnvironmentVariable("ARTAR_DEBUG") == "1";
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (WorkbenchException e)
        {
            Console.Error.WriteLine(withStack ? $"artar: {e}" : $"artar: {e.Message}");
            if (e.Missing is { } data)
                Console.Error.WriteLine($"artar data install {data} fetches it; with --from FILE-OR-FOLDER it takes a copy that you have.");
            return ExitCodes.UserError;
        }
        catch (TakenOverException e)
        {
            Console.Error.WriteLine($"artar: {e.Message}");
            return ExitCodes.TakenOver;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine($"Stopped. The same command resumes from here: {Terminal.CommandLine(args)}");
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (!withStack && (e is IOException or UnauthorizedAccessException))
        {
            Console.Error.WriteLine($"artar: {e.Message}");
            return ExitCodes.UserError;
        }
        catch (Exception e) when (!withStack)
        {
            Console.Error.WriteLine(
                $"artar: unexpected {e.GetType().Name}: {e.Message.Split('\n')[0]}\n" +
                "This is a defect of the workbench. Please report it with what the same command prints after adding --debug.");
            return ExitCodes.Defect;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"artar: {e}");
            return ExitCodes.Defect;
        }
    }

    private static int UsageError(ParseResult parsed, ParseErrorAction action)
    {
        action.ShowHelp = false;
        parsed.Invoke(new InvocationConfiguration { Output = Console.Error });
        if (Options.SettingsOf(parsed) is { } settings)
            Console.Error.WriteLine($"Hyper-parameters are given as {settings}");
        var path = string.Join(' ', parsed.CommandResult.Path().Prepend("artar"));
        Console.Error.WriteLine($"'{path} --help' shows how it is used.");
        return ExitCodes.UsageError;
    }
}
