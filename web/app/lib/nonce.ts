import { createContext, useContext } from 'react';

const NonceContext = createContext('');

export const NonceProvider = NonceContext.Provider;
/** Lets a script of ours pass the page's content policy; empty in the browser, which hides it. */
export const useNonce = () => useContext(NonceContext);
