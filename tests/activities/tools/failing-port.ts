import type { SandboxPort } from '#activities/ports/sandbox.ts';

/** The port with some of its methods replaced. */
export function withMethods<P extends SandboxPort>(port: P, methods: Partial<SandboxPort>): P {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(name in methods ? methods : target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** A port whose writing fails, before or after it happened. */
export function failing<P extends SandboxPort>(port: P, when: 'before' | 'after'): P {
  return withMethods(port, {
    async writeFile(...args) {
      if (when === 'after') await port.writeFile(...args);
      throw new Error('the worker died');
    },
  });
}
