using ArTar.Notebooks.Headless;
using ArTar.Notebooks.Ipynb;

namespace ArTar.Notebooks.Tests.Jupyter;

/// <summary>What a user of JupyterLab sees and does: its own notebook and its own services, in a real browser, with this kernel.</summary>
public sealed class JupyterLabTests(NotebookServer server) : IClassFixture<NotebookServer>
{
    private const string Drawn = "[...document.querySelectorAll('.js-plotly-plot')].map(p => p.querySelectorAll('.scatterlayer .trace').length).join('|')";

    [Fact]
    public void All_cells_of_a_notebook_run_every_chart_is_drawn_and_there_again_when_the_saved_file_is_opened()
    {
        var path = Path.Combine(server.Folder, "01-ar.ipynb");
        var notebook = NotebookFile.Load(Path.Combine(Repository.Notebooks, "01-ar.ipynb"));
        Parameters.Inject("01-ar.ipynb", notebook, new Dictionary<string, string> { ["profile"] = "smoke" });
        foreach (var cell in notebook.Cells.Where(c => c.Type == "code"))
            cell.Outputs = [];
        notebook.Save(path);

        server.OpenInLab("01-ar.ipynb");
        server.Value("lab.runAll()");
        server.Until("the cells' end", () => server.Is("lab.ended === true"));
        server.Until("three charts", () => server.Is($"({Drawn}) === '4|5|3'"));
        server.Value("lab.save()");
        server.Until("the saved notebook", () => server.Is("lab.saved === 1"));
        Assert.Equal(3, NotebookFile.Load(path).Cells.SelectMany(c => c.Outputs)
            .Count(o => NotebookJson.Text(o?["data"]?["text/html"]).Contains("newPlot", StringComparison.Ordinal)));

        server.OpenInLab("01-ar.ipynb");
        Assert.True(server.Is("lab.trusted()"));
        server.Until("the charts again", () => server.Is($"({Drawn}) === '4|5|3'"));
    }

    [Fact]
    public void Charts_of_a_notebook_that_is_not_trusted_are_pictures_with_words()
    {
        Requires.That(Workbench.Figures.Chromium.Find() is not null, "Chromium", "sudo apt-get install chromium");
        var path = Path.Combine(server.Folder, "received.ipynb");
        var run = Artar.Run(server.Folder, "notebook", "run", Artar.Data("test.ipynb"), "--output", path);
        Assert.True(run.Code == 0, run.Errors);
        server.OpenInLab("received.ipynb");
        Assert.False(server.Is("lab.trusted()"));
        server.Until("a picture", () => server.Is("document.querySelector('[data-chart] img, .jp-OutputArea img')?.naturalWidth > 300"));
        Assert.StartsWith("Chart: ", (string?)server.Value("document.querySelector('.jp-OutputArea img').alt"), StringComparison.Ordinal);
        Assert.True(server.Is("document.querySelectorAll('.js-plotly-plot').length === 0"));
    }

    [Fact]
    public void A_cell_is_interrupted_twice_and_its_variables_are_kept()
    {
        var notebook = NotebookFile.Load(Artar.Data("test.ipynb"));
        foreach (var cell in notebook.Cells.ToList())
            notebook.Remove(cell);
        notebook.Insert(0, NotebookCell.NewCode("endless", "var kept = 7; Console.WriteLine(\"busy\"); while (true) kept = 7;"));
        notebook.Insert(1, NotebookCell.NewCode("after", "kept"));
        notebook.Save(Path.Combine(server.Folder, "endless.ipynb"));
        server.OpenInLab("endless.ipynb");
        for (var time = 0; time < 2; time++)
        {
            server.Value("lab.run(0)");
            server.Until("a busy cell", () => server.Is("lab.output(0).includes('busy') && lab.kernel() === 'busy'"));
            server.Value("lab.interrupt()");
            server.Until("the interrupted cell", () => server.Is("lab.ended === false && lab.output(0).includes('Interrupted')"));
            server.Value("lab.run(1)");
            server.Until("the next cell", () => server.Is("lab.ended === true && lab.output(1).includes('7')"));
        }
    }
}
