/** A port with some members in place of its own. It has every other member of the port, also those of a class or proxy. */
export const withMembers = <Port extends object>(port: Port, own: Partial<Port>): Port =>
  new Proxy(port, {
    get(target, name) {
      if (name in own) return Reflect.get(own, name) as unknown;
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
