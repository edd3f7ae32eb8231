using System.Text.Json;
using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Workbench.Training;

/// <summary>
/// A safetensors file with a model's weights by name, the state carried into the next window and, as JSON in its
/// metadata, the hyper-parameters, the data and the position: enough to evaluate, to sample and to go on.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private const string MetadataKey = "artar", HiddenKey = "state.hidden", MemoryKey = "state.memory";
    private readonly Dictionary<string, Tensor> tensors;
    private readonly string path;

    private Checkpoint(string path, Dictionary<string, Tensor> tensors, Header header)
    {
        (this.path, this.tensors) = (path, tensors);
        (Values, CorpusName, CorpusHash, Position) = (header.HyperParameters, header.Corpus, header.CorpusHash, header.Position);
    }

    /// <summary>The hyper-parameters of the run.</summary>
    public HyperParameters Values { get; }

    /// <summary>Name or folder of the data set.</summary>
    public string CorpusName { get; }

    /// <summary>Content hash of the data set.</summary>
    public string CorpusHash { get; }

    /// <summary>Where the run stood.</summary>
    public TrainingPosition Position { get; }

    private sealed record Header(HyperParameters HyperParameters, string Corpus, string CorpusHash, TrainingPosition Position);

    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    public static void Save(
        string path, LanguageModel model, RecurrentState state, HyperParameters values, Corpus corpus, TrainingPosition position)
    {
        List<(string, Tensor)> tensors = [.. model.named_parameters().Select(p => (p.name, (Tensor)p.parameter)), (HiddenKey, state.Hidden)];
        if (state.Memory is not null)
            tensors.Add((MemoryKey, state.Memory));
        var header = JsonSerializer.Serialize(new Header(values, corpus.Name, corpus.Hash, position), Json.Compact);
        SafeTensors.Write(path, tensors, new Dictionary<string, string> { [MetadataKey] = header });
    }

    /// <summary>Reads a checkpoint and checks it.</summary>
    /// <exception cref="WorkbenchException">Missing, damaged, or not a checkpoint of this program.</exception>
    public static Checkpoint Load(string path)
    {
        using var scope = NewDisposeScope();
        var (tensors, metadata) = SafeTensors.Read(path);
        Header header;
        try
        {
            header = JsonSerializer.Deserialize<Header>(metadata[MetadataKey], Json.Strict) ?? throw new JsonException("It is null.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            throw new WorkbenchException($"{path} is a safetensors file, but not a checkpoint of this workbench: it has no readable '{MetadataKey}' in its metadata.", e);
        }
        foreach (var tensor in tensors.Values)
            tensor.DetachFromDisposeScope();
        return new(path, tensors, header);
    }

    /// <summary>The corpus it was trained on, or another one in the words of that.</summary>
    /// <param name="workspace">Where data sets lie.</param>
    /// <param name="other">Name or folder of a data set to read instead; null for the one it was trained on, which is found by its content.</param>
    /// <exception cref="WorkbenchException">Not installed, not found any more, or changed since.</exception>
    public Corpus LoadCorpus(Workspace workspace, string? other = null)
    {
        if (other is null)
            return Corpora.LoadAgain(CorpusName, CorpusHash, workspace);
        var corpus = Corpora.Load(other, workspace);
        return corpus.Hash == CorpusHash ? corpus : Corpora.LoadInWordsOf(other, workspace, LoadVocabulary(workspace));
    }

    /// <summary>The words of the corpus it was trained on: from the run's own folder, else from that corpus.</summary>
    /// <param name="workspace">Where data sets lie.</param>
    /// <param name="place">Name or folder of that corpus, if it does not lie where it was.</param>
    /// <exception cref="WorkbenchException">The run's folder has no vocabulary, and its corpus is not there.</exception>
    public Vocabulary LoadVocabulary(Workspace workspace, string? place = null) =>
        (place is null ? VocabularyFile.Find(path, CorpusHash) : null) ?? Corpora.LoadAgain(CorpusName, CorpusHash, workspace, place).Vocabulary;

    /// <summary>The trained model, on a device, in evaluation mode. The caller owns it.</summary>
    public LanguageModel BuildModel(Device device)
    {
        var vocabulary = (int)Tensor("embedding.weight").shape[0];
        var model = Trainer.NewModel(Values, vocabulary, device);
        CopyWeightsTo(model);
        model.eval();
        return model;
    }

    /// <summary>Copies the weights into a model of the same shape.</summary>
    public void CopyWeightsTo(LanguageModel model)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            var stored = Tensor(name);
            if (!stored.shape.SequenceEqual(parameter.shape))
                throw new WorkbenchException($"{path}: tensor '{name}' is [{string.Join(", ", stored.shape)}], the model needs [{string.Join(", ", parameter.shape)}].");
            parameter.copy_(stored);
        }
    }

    /// <summary>The state carried into the next window, on a device. The caller owns it.</summary>
    public RecurrentState CarriedState(Device device)
    {
        Tensor Copy(Tensor t) => t.to(device, copy: true).DetachFromDisposeScope();
        return new(Copy(Tensor(HiddenKey)), tensors.TryGetValue(MemoryKey, out var memory) ? Copy(memory) : null);
    }

    private Tensor Tensor(string name) => tensors.TryGetValue(name, out var found) ? found
        : throw new WorkbenchException($"{path} has no tensor '{name}'; it holds {string.Join(", ", tensors.Keys)}.");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
            tensor.Dispose();
    }
}
