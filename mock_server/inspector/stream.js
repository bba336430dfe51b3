// The stream: the server's events of the account's requests, read as they come.

export function listen(_api, _journal, _signal) {}
