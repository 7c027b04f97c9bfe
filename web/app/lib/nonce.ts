import { createContext, useContext } from 'react';

const NonceContext = createContext('');

export const NonceProvider = NonceContext.Provider;
/** The nonce that the page's content policy requires of inline scripts; empty in the browser, which hides it. */
export const useNonce = () => useContext(NonceContext);
