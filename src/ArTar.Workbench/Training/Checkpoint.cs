using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
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

    /// <summary>
    /// Name of the data set. Of a text of one's own it is the folder's name alone, as weights are given away; whoever knows where it lies,
    /// as a run's folder does, sets the path.
    /// </summary>
    public string CorpusName { get; internal set; }

    /// <summary>Content hash of the data set.</summary>
    public string CorpusHash { get; }

    /// <summary>Where the run stood.</summary>
    public TrainingPosition Position { get; }

    private sealed record Header(HyperParameters HyperParameters, string Corpus, string CorpusHash,
        TrainingPosition Position) : IJsonOnDeserialized
    {
        void IJsonOnDeserialized.OnDeserialized()
        {
            StoredValue.DataName(Corpus);
            StoredValue.Hash(CorpusHash);
        }
    }

    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    public static void Save(
        string path, LanguageModel model, RecurrentState state, HyperParameters values, Corpus corpus, TrainingPosition position)
    {
        List<(string, Tensor)> tensors =
            [.. model.named_parameters().Select(p => (p.name, (Tensor)p.parameter)), (HiddenKey, state.Hidden)];
        if (state.Memory is not null)
            tensors.Add((MemoryKey, state.Memory));
        var header = JsonSerializer.Serialize(new Header(values, PublicText.NameOf(corpus.Name), corpus.Hash, position), Json.Compact);
        SafeTensors.Write(path, tensors, new Dictionary<string, string> { [MetadataKey] = header });
    }

    /// <summary>Reads a checkpoint and checks it.</summary>
    /// <exception cref="WorkbenchException">Missing, damaged, or not a checkpoint of this program.</exception>
    public static Checkpoint Load(string path)
    {
        using var scope = NewDisposeScope();
        Header header = null!;
        // Before a tensor is read: what the header claims may be far larger than what the file holds.
        var (tensors, _) = SafeTensors.Read(path, (shapes, metadata) =>
        {
            header = HeaderIn(path, metadata);
            CheckShapes(path, header.HyperParameters, shapes);
        });
        foreach (var (name, tensor) in tensors)
            if (tensor.is_floating_point() && !tensor.isfinite().all().item<bool>())
                throw new WorkbenchException(
                    $"{path}: tensor '{name}' holds values that are no finite numbers; nothing can be done with such weights.");
        foreach (var tensor in tensors.Values)
            tensor.DetachFromDisposeScope();
        return new(path, tensors, header);
    }

    private static Header HeaderIn(string path, IReadOnlyDictionary<string, string> metadata)
    {
        try
        {
            return Json.Read<Header>(metadata[MetadataKey], Json.Strict);
        }
        catch (KeyNotFoundException e)
        {
            throw new WorkbenchException(
                $"{path} is a safetensors file, but not a checkpoint of this workbench: it has no '{MetadataKey}' in its metadata.", e);
        }
        catch (JsonException e)
        {
            throw new WorkbenchException($"{path} is not a checkpoint of this workbench: its '{MetadataKey}' cannot be: {e.Message}", e);
        }
    }

    private static void CheckShapes(string path, HyperParameters values, IReadOnlyDictionary<string, SafeTensors.Description> stored)
    {
        var words = stored.TryGetValue("embedding.weight", out var embedding) && embedding.Shape.Count > 0 ? embedding.Shape[0] : 0;
        List<(string Name, long[] Shape)> needed =
            [.. LanguageModel.ShapesOf(values.Cell, words, values.Hidden, values.Layers, values.LayerNorm)];
        var state = (string name) => (name, new[] { values.Layers, values.BatchSize, (long)values.Hidden });
        needed.Add(state(HiddenKey));
        if (values.Cell == Cell.Lstm)
            needed.Add(state(MemoryKey));
        foreach (var (name, shape) in needed)
            if (!stored.TryGetValue(name, out var found))
                throw new WorkbenchException($"{path} has no tensor '{name}'; it holds {string.Join(", ", stored.Keys.Take(20))}.");
            else if (found.Type != ScalarType.Float32 || words == 0 || !found.Shape.SequenceEqual(shape))
                throw new WorkbenchException($"{path}: tensor '{name}' is {found.Type} [{string.Join(", ", found.Shape)}], " +
                    $"its hyper-parameters need {ScalarType.Float32} [{string.Join(", ", shape)}].");
    }

    /// <summary>The corpus it was trained on, or another one in the words of that.</summary>
    /// <param name="workspace">Where data sets lie.</param>
    /// <param name="other">Name or folder of a data set to read instead; null for the one it was trained on, which is found by its
    /// content.</param>
    /// <param name="only">The one split of another data set that is needed; its other splits then stay empty, and need not be there. Null
    /// for all three.</param>
    /// <exception cref="WorkbenchException">Not installed, not found any more, or changed since.</exception>
    public Corpus LoadCorpus(Workspace workspace, string? other = null, Split? only = null) => InItsWords(
        other is null ? Corpora.LoadAgain(CorpusName, CorpusHash, workspace)
        : Corpora.Has(other, CorpusHash, workspace) ? Corpora.Load(other, workspace)
        : Corpora.LoadInWordsOf(other, workspace, LoadVocabulary(workspace), only));

    /// <summary>The words of the corpus it was trained on: from the run's own folder, else from that corpus.</summary>
    /// <param name="workspace">Where data sets lie.</param>
    /// <param name="place">Name or folder of that corpus, if it does not lie where it was.</param>
    /// <exception cref="WorkbenchException">The run's folder has no vocabulary, and its corpus is not there.</exception>
    public Vocabulary LoadVocabulary(Workspace workspace, string? place = null) =>
        InItsWords((place is null ? VocabularyFile.Find(path, CorpusHash) : null)
            ?? Corpora.LoadAgain(CorpusName, CorpusHash, workspace, place).Vocabulary);

    private Corpus InItsWords(Corpus corpus) => corpus with { Vocabulary = InItsWords(corpus.Vocabulary) };

    // A token's number is the row of its weights.
    private Vocabulary InItsWords(Vocabulary vocabulary) =>
        Tensor("embedding.weight").shape[0] is var words && vocabulary.Count == words ? vocabulary
        : throw new WorkbenchException(
            $"{path} holds weights for {words} words, data set '{CorpusName}' has {vocabulary.Count}; it is no checkpoint of a run on it.");

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
                throw new WorkbenchException(
                    $"{path}: tensor '{name}' is [{string.Join(", ", stored.shape)}], the model needs "
                        + $"[{string.Join(", ", parameter.shape)}].");
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
