/** The web app of Overwatch: src/web → dist/web. */
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/web',
  base: '/',
  logLevel: 'warn',
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // Only what a page uses of the contract and the records comes along.
    rollupOptions: { treeshake: { moduleSideEffects: id => !/src\/(contract|records|report)\//.test(id) } },
  },
});
