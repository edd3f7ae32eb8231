using System.Text.Json;
using ArTar.Workbench;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Bench;

/// <summary>What a worker is told to be.</summary>
/// <param name="Side">The side's name.</param>
/// <param name="Configuration">The model.</param>
/// <param name="Threads">Threads of an operation.</param>
/// <param name="Tokens">The file of token ids.</param>
/// <param name="Checkpoint">The weights to start from; null draws them.</param>
/// <param name="CheckedSteps">Above 0: take so many steps, evaluate, print the losses and end, instead of being timed.</param>
/// <param name="Row">Train a row of a table instead, and end.</param>
/// <param name="ProcessorTime">Take processor time instead of the clock's.</param>
internal sealed record Assignment(string Side, Configuration Configuration, int Threads, string Tokens, string? Checkpoint = null,
    int CheckedSteps = 0, Row? Row = null, bool ProcessorTime = false);

/// <summary>
/// A row of a table as a peer trains it: so many epochs with validation, then the test split; all counted in windows, those of
/// validation and test of so many sequences.
/// </summary>
internal sealed record Row(int Epochs, int Train, int Valid, int Test, int EvaluationBatch);

/// <summary>What the sides must agree on.</summary>
/// <param name="Training">The cross-entropy of each training step.</param>
/// <param name="Evaluation">The cross-entropy of the text with the weights after them.</param>
internal sealed record Losses(IReadOnlyList<double> Training, double Evaluation);

/// <summary>One side's steps in a process of their own; see <see cref="Turns"/> for how it is driven.</summary>
internal static class Worker
{
    public static void Run(Assignment work)
    {
        var side = Sides.Get(work.Side);
        var turns = new Turns(new Dictionary<string, string> { ["libtorch"] = LibTorch.Version }, work.ProcessorTime);
        if (side.Engine == Engine.Eager)
            set_num_threads(work.Threads);
        else
            LibTorch.Prepare(work.Threads);
        switch (side.Engine)
        {
            case Engine.Workbench when work.Configuration.Mode == Mode.Train:
                TrainOurs(work, side, turns);
                break;
            case Engine.Workbench:
                EvaluateOurs(work, side, turns);
                break;
            case Engine.Eager:
                RunEager(work, side, turns);
                break;
            default:
                ReachTheLimit(work.Threads, turns);
                break;
        }
    }

    private static void TrainOurs(Assignment work, Side side, Turns turns)
    {
        var (c, tokens) = (work.Configuration, Text.Read(work.Tokens));
        using var checkpoint = work.Checkpoint is null ? null : Checkpoint.Load(work.Checkpoint);
        using var trainer = new Trainer(side.Values(c), Text.Corpus(tokens, c.Vocabulary, c.Batch), CPU, checkpoint, side.Kernels);
        using var stop = new CancellationTokenSource();
        var (sum, losses) = (0.0, new List<double>());
        if (work.CheckedSteps == 0 && !turns.Begin())
            return;
        try
        {
            trainer.Run((_, _) => sum = 0, progress =>
            {
                var position = progress.Position;
                var loss = (position.Sums.Loss - sum) / c.Tokens;
                sum = position.Sums.Loss;
                losses.Add(loss);
                // The first step of a further epoch waited for the validation of the one before.
                if (work.CheckedSteps > 0 ? losses.Count == work.CheckedSteps
                    : !turns.StepDone(counts: position.Epoch == 0 || position.Window > 1))
                    stop.Cancel();
            }, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // No further turn.
        }
        if (work.CheckedSteps > 0)
            Turns.Write(new Losses(losses, Evaluation.Loss(trainer.Model, tokens, c.Batch, c.Window, CPU, side.Kernels)));
    }

    private static void EvaluateOurs(Assignment work, Side side, Turns turns)
    {
        var (c, tokens) = (work.Configuration, Text.Read(work.Tokens));
        using var model = Trainer.NewModel(side.Values(c), c.Vocabulary, CPU);
        using var stop = new CancellationTokenSource();
        var told = new Told(_ =>
        {
            if (!turns.StepDone())
                stop.Cancel();
        });
        if (!turns.Begin())
            return;
        try
        {
            while (true)
                Evaluation.Loss(model, tokens, c.Batch, c.Window, CPU, side.Kernels, told, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // No further turn.
        }
    }

    private static void RunEager(Assignment work, Side side, Turns turns)
    {
        var (c, tokens) = (work.Configuration, Text.Read(work.Tokens));
        using var text = InColumns(c.Batch);
        using var model = new EagerModel(c);
        if (work.Checkpoint is not null)
            Load(model, work.Checkpoint);
        if (work.CheckedSteps > 0)
        {
            var losses = Windows(text, c.Window).Take(work.CheckedSteps).Select(w => model.Step(w.Inputs, w.Targets)).ToList();
            model.eval();
            Turns.Write(new Losses(losses, Evaluate(work.CheckedSteps, gradients: !IsRightWithoutGradients())));
            return;
        }
        if (work.Row is { } row)
        {
            TrainRow(row);
            return;
        }
        var isRight = c.Mode == Mode.Train || IsRightWithoutGradients();
        if (!turns.Begin((isRight, side.MayBeWrong) switch
        {
            (true, _) => null,
            (_, true) => "libtorch's kernel for evaluation without gradients, whose results are wrong at this H on this processor",
            _ => "evaluates with gradients enabled, since libtorch's results without them are wrong at this H on this processor",
        }))
            return;
        var gradients = !isRight && !side.MayBeWrong;
        while (true)
            foreach (var (inputs, targets) in Windows(text, c.Window))
            {
                _ = c.Mode == Mode.Train ? model.Step(inputs, targets) : model.Evaluate(inputs, targets, gradients);
                if (!turns.StepDone())
                    return;
            }

        bool IsRightWithoutGradients()
        {
            using var inputs = text.narrow(0, 0, c.Window);
            return model.IsRightWithoutGradients(inputs);
        }

        void TrainRow(Row row)
        {
            using var evaluated = InColumns(row.EvaluationBatch);
            // As one writes it: nobody would have noticed.
            for (var epoch = 0; epoch < row.Epochs; epoch++)
            {
                model.train();
                foreach (var (inputs, targets) in Windows(text, c.Window).Take(row.Train))
                    model.Step(inputs, targets);
                Evaluate(row.Valid, gradients: false, evaluated);
            }
            Turns.Write(new Losses([], Evaluate(row.Test, gradients: false, evaluated)));
        }

        // [L, B]
        Tensor InColumns(int batch)
        {
            var length = tokens.Length / batch;
            return tensor(tokens.Take(length * batch).Select(i => (long)i).ToArray()).view(batch, length).t().contiguous();
        }

        double Evaluate(int windows, bool gradients, Tensor? of = null)
        {
            model.Forget();
            model.eval();
            var loss = Windows(of ?? text, c.Window).Take(windows).Average(w => model.Evaluate(w.Inputs, w.Targets, gradients));
            model.Forget();
            return loss;
        }
    }

    /// <summary>The text [L, B] in whole windows, [T, B] each.</summary>
    private static IEnumerable<(Tensor Inputs, Tensor Targets)> Windows(Tensor text, int steps)
    {
        for (var at = 0; at + steps < text.shape[0]; at += steps)
        {
            using var inputs = text.narrow(0, at, steps);
            using var targets = text.narrow(0, at + 1, steps);
            yield return (inputs, targets);
        }
    }

    private static void Load(EagerModel model, string checkpoint)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (stored, _) = SafeTensors.Read(checkpoint);
        foreach (var (name, parameter) in model.named_parameters())
            parameter.copy_(stored[name]);
    }

    private static void ReachTheLimit(int threads, Turns turns)
    {
        using var bound = new Bound(threads);
        if (!turns.Begin())
            return;
        do
            bound.Run();
        while (turns.StepDone());
    }

    private sealed class Told(Action<Progress> action) : IProgress<Progress>
    {
        public void Report(Progress value) => action(value);
    }
}
