using System.Text.RegularExpressions;
using ArTar.Notebooks.Headless;
using ArTar.Notebooks.Ipynb;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

namespace ArTar.Notebooks.Tests.Jupyter;

/// <summary>What a user sees and does in the real Jupyter Notebook: its page, in a real browser, with this kernel.</summary>
public sealed class NotebookPageTests(NotebookServer server) : IClassFixture<NotebookServer>
{
    [Fact]
    public void All_cells_of_a_notebook_run_and_every_chart_is_drawn()
    {
        var notebook = NotebookFile.Load(Path.Combine(Repository.Notebooks, "01-ar.ipynb"));
        Parameters.Inject("01-ar.ipynb", notebook, new Dictionary<string, string> { ["profile"] = "smoke" });
        foreach (var cell in notebook.Cells.Where(c => c.Type == "code"))
            cell.Outputs = [];
        notebook.Save(Path.Combine(server.Folder, "01-ar.ipynb"));

        server.Open("01-ar.ipynb");
        Assert.Equal("C# (ArTar)", (string?)server.Value("document.querySelector('.kernel_indicator_name').innerText"));
        server.RunAll();
        server.UntilIdle();
        server.Until("three charts", () => server.Is("document.querySelectorAll('.output .js-plotly-plot').length === 3"));

        Assert.Equal(0, (int)server.Value("document.querySelectorAll('.output_error').length")!);
        Assert.Equal("alpha, the coefficient of AR|perplexity|epoch|mean (m ∘ h)²|alpha, the coefficient of AR|perplexity",
            (string?)server.Value("[...document.querySelectorAll('.js-plotly-plot .xtitle, .js-plotly-plot .ytitle')].map(t => t.textContent).join('|')"));
        // Validation, test, the baseline and the floor; a line for each coefficient above 0; on real text there is no floor. Each is drawn, with a length.
        Assert.Equal("4|5|3", (string?)server.Value("[...document.querySelectorAll('.js-plotly-plot')].map(p => p.querySelectorAll('.scatterlayer .trace').length).join('|')"));
        Assert.True((bool)server.Value("[...document.querySelectorAll('.scatterlayer .trace path.js-line')].every(l => l.getTotalLength() > 100)")!);
        Assert.Contains("alpha = 2", server.Output(4), StringComparison.Ordinal);
        // Read again, a saved notebook shows the same.
        server.Value("Jupyter.notebook.save_notebook()");
        server.Until("the saved notebook", () => File.ReadAllText(Path.Combine(server.Folder, "01-ar.ipynb")).Contains("newPlot", StringComparison.Ordinal));
        server.Open("01-ar.ipynb");
        server.Until("the charts again", () => server.Is("document.querySelectorAll('.output .js-plotly-plot .scatterlayer .trace').length === 12"));
    }

    [Fact]
    public void A_progress_line_moves_and_a_display_is_replaced_in_its_place()
    {
        Write("progress.ipynb", """
            var bar = Html.List([("steps", "none")]).Display();
            for (var step = 1; step <= 40; step++)
            {
                Console.Write($"\rstep {step} of 40 [{new string('#', step)}{new string('.', 40 - step)}]");
                bar.Update(Html.List([("steps", $"{step}")]));
                await Task.Delay(50);
            }
            """);
        server.Open("progress.ipynb");
        server.RunAll();
        var seen = new List<string>();
        server.Until("the last step", () =>
        {
            var now = server.Output(2);
            if (now.Contains("step ", StringComparison.Ordinal) && seen.LastOrDefault() != now)
                seen.Add(now);
            return now.Contains("step 40 of 40", StringComparison.Ordinal);
        });
        server.UntilIdle();
        Assert.True(seen.Count >= 5, $"{seen.Count} states of the line were seen");
        Assert.All(seen, text => Assert.Single(text.Split('\n'), line => line.Contains("step ", StringComparison.Ordinal))); // one line, written over
        Assert.Equal("steps 40", (string?)server.Value("[...document.querySelectorAll('.code_cell')[1].querySelectorAll('.output td')].map(t => t.innerText).join(' ')"));
    }

    [Fact]
    public void A_cell_that_fails_names_its_line_and_those_behind_it_do_not_run()
    {
        Write("error.ipynb", "var before = 1;\nthrow new WorkbenchException(\"The corpus is empty.\");", "Console.Write(\"behind\");", "undeclared");
        server.Open("error.ipynb");
        server.RunAll();
        server.Until("an error", () => server.Is("document.querySelectorAll('.output_error').length === 1"));
        server.UntilIdle();
        Assert.Equal("WorkbenchException: The corpus is empty.\n   at In[2], line 2", server.Output(2).Trim());
        Assert.Equal("", server.Output(3));
        server.Value("Jupyter.notebook.execute_cells([3])");
        server.Until("the compiler's error", () => server.Output(4).Contains("CS0103", StringComparison.Ordinal));
        Assert.StartsWith("In[3], line 1, column 1: error CS0103:", server.Output(4).Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public void Interrupting_a_training_cell_stops_it_within_a_step_and_keeps_what_it_has()
    {
        Write("training.ipynb", """
            var kept = 7;
            var lab = new Lab(settings: "epochs=100000 hidden=16 trainTokens=2000") { Threads = 1 };
            lab.Table(1, "alpha=0")
            """, "$\"{kept} {lab.Store.All().Single(r => r.Configuration.Values.Epochs == 100000).Status}\"");
        server.Open("training.ipynb");
        server.Value("Jupyter.notebook.execute_cells([0, 1])");
        server.Until("an epoch", () => Regex.IsMatch(server.Output(2), @"epoch ([3-9]|\d\d+)/")); // between two looks some may go by
        server.Click("button[data-jupyter-action=\"jupyter-notebook:interrupt-kernel\"]");
        server.Until("the interrupted cell", () => server.Output(2).Contains("Interrupted: The cell was stopped; what it had set by then is kept.", StringComparison.Ordinal));
        server.UntilIdle();
        server.Value("Jupyter.notebook.execute_cells([2])");
        server.Until("the next cell", () => server.Output(3).Contains("7 Interrupted", StringComparison.Ordinal));
        // The library stopped by itself between two steps: it wrote the checkpoint of where it was.
        var run = new RunStore(new Workspace(server.Home)).All().Single(r => r.Configuration.Values.Epochs == 100000);
        Assert.True(File.Exists(run.LastCheckpoint));
        Assert.True(run.ReadMetrics().Count >= 2);
    }

    private void Write(string name, params string[] cells)
    {
        var notebook = NotebookFile.Load(Artar.Data("test.ipynb"));
        foreach (var cell in notebook.Cells.ToList())
            notebook.Remove(cell);
        foreach (var (i, code) in cells.Prepend("#!import ../artifacts/notebook/setup.csx").Index())
            notebook.Insert(i, NotebookCell.NewCode($"cell-{i}", code));
        notebook.Save(Path.Combine(server.Folder, name));
    }
}
