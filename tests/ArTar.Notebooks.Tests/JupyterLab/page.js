// JupyterLab's own parts put together as one notebook in a page: what a user of JupyterLab opens, without what is around it.
import '@jupyterlab/notebook/style/index.js';
import { CodeMirrorEditorFactory, CodeMirrorMimeTypeService, EditorExtensionRegistry, EditorLanguageRegistry, EditorThemeRegistry }
  from '@jupyterlab/codemirror';
import { Context } from '@jupyterlab/docregistry';
import { NotebookActions, NotebookModelFactory, NotebookPanel, NotebookWidgetFactory } from '@jupyterlab/notebook';
import { RenderMimeRegistry, standardRendererFactories } from '@jupyterlab/rendermime';
import { ServiceManager } from '@jupyterlab/services';
import { Widget } from '@lumino/widgets';

async function open(path) {
  const manager = new ServiceManager();
  await manager.ready;
  const languages = new EditorLanguageRegistry();
  EditorLanguageRegistry.getDefaultLanguages().forEach(language => languages.addLanguage(language));
  const themes = new EditorThemeRegistry();
  EditorThemeRegistry.getDefaultThemes().forEach(theme => themes.addTheme(theme));
  const extensions = new EditorExtensionRegistry();
  EditorExtensionRegistry.getDefaultExtensions({ themes }).forEach(extension => extensions.addExtension(extension));
  const editors = new CodeMirrorEditorFactory({ extensions, languages });
  const widgets = new NotebookWidgetFactory({
    name: 'Notebook',
    modelName: 'notebook',
    fileTypes: ['notebook'],
    preferKernel: true,
    canStartKernel: true,
    rendermime: new RenderMimeRegistry({ initialFactories: standardRendererFactories }),
    contentFactory: new NotebookPanel.ContentFactory({ editorFactory: editors.newInlineEditor }),
    mimeTypeService: new CodeMirrorMimeTypeService(languages)
  });
  const context = new Context({
    manager, path, factory: new NotebookModelFactory({}), kernelPreference: { shouldStart: true, canStart: true, language: 'C#', name: 'artar-csharp' }
  });
  await context.initialize(false);
  const panel = widgets.createNew(context);
  panel.id = 'notebook';
  Widget.attach(panel, document.getElementById('lab'));
  window.addEventListener('resize', () => panel.update());
  await context.sessionContext.initialize();
  await context.sessionContext.ready;

  const { content, sessionContext } = panel;
  window.lab = {
    kernel: () => sessionContext.session?.kernel?.status ?? 'none',
    runAll: () => { window.lab.running = NotebookActions.runAll(content, sessionContext).then(ok => window.lab.ended = ok); },
    run: cell => {
      delete window.lab.ended;
      content.activeCellIndex = cell;
      NotebookActions.run(content, sessionContext).then(ok => window.lab.ended = ok);
    },
    interrupt: () => { sessionContext.session.kernel.interrupt(); },
    save: async () => { await context.save(); window.lab.saved = (window.lab.saved ?? 0) + 1; },
    output: cell => content.widgets[cell].outputArea?.node.innerText ?? '',
    trusted: () => content.widgets.filter(cell => cell.model.type === 'code').every(cell => cell.model.trusted)
  };
}

open(new URLSearchParams(location.search).get('path')).catch(fault => { document.body.dataset.fault = `${fault} ${fault.stack}`; });
