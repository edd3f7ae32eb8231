using ArTar.Notebooks.Ipynb;

namespace ArTar.Notebooks.Tests.Jupyter;

/// <summary>What VS Code's own reader, renderers and writer make of our notebooks, in a real browser.</summary>
public sealed class VsCodeTests : IDisposable
{
    private readonly VsCode editor = new();

    public void Dispose() => editor.Dispose();

    [Fact]
    public void A_committed_notebook_shows_its_stored_pictures_and_tables_and_saving_changes_nothing_but_what_was_written()
    {
        const string name = "01-ar.ipynb";
        File.Copy(Path.Combine(Repository.Notebooks, name), Path.Combine(editor.Folder, name));
        editor.Open(name);
        editor.Until("three pictures", "[...outputs.querySelectorAll('.output_container img')].map(i => i.naturalWidth > 300).join() === 'true,true,true'");
        editor.Until("the tables", "outputs.querySelectorAll('.output_container table').length >= 2");
        Assert.Equal(0, (int)editor.Value("[...outputs.querySelectorAll('img')].filter(i => i.complete && i.naturalWidth === 0).length")!);
        SavesOnlyWhatWasWritten(name);
    }

    [Fact]
    public void A_chart_that_was_made_for_a_page_with_scripts_is_a_picture_with_words_and_stays_one()
    {
        Requires.That(Workbench.Figures.Chromium.Find() is not null, "Chromium", "sudo apt-get install chromium");
        const string name = "received.ipynb";
        var run = Artar.Run(editor.Folder, "notebook", "run", Artar.Data("test.ipynb"), "--output", Path.Combine(editor.Folder, name));
        Assert.True(run.Code == 0, run.Errors);
        editor.Open(name);
        editor.Until("a picture", "outputs.querySelector('[data-chart] img')?.naturalWidth > 300");
        Assert.StartsWith("Chart: A chart; ", (string?)editor.Value("outputs.querySelector('[data-chart] img').alt"), StringComparison.Ordinal);
        editor.Until("the tables", "outputs.querySelectorAll('.output_container table').length === 3");
        SavesOnlyWhatWasWritten(name);
    }

    private void SavesOnlyWhatWasWritten(string name)
    {
        var path = Path.Combine(editor.Folder, name);
        var expected = NotebookFile.Load(path);
        expected.Cells[0].Source += " Written by hand.";
        editor.Write(" Written by hand.");
        var written = System.Text.Encoding.UTF8.GetString(expected.ToBytes());
        // Code empties a file before it writes it, more than once on a busy machine.
        SpinWait.SpinUntil(() => File.ReadAllText(path) == written, TimeSpan.FromSeconds(30));
        Assert.Equal(written, File.ReadAllText(path));
    }
}
