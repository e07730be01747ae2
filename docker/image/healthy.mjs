// Whether this container's process turns: its own monitor answers. Says nothing of Redis and MongoDB, which no restart would mend.
const { METRICS_PORT } = process.env;
const answer = await fetch(`http://127.0.0.1:${METRICS_PORT}/healthz`, {
  signal: AbortSignal.timeout(4_000),
});
process.exitCode = answer.ok ? 0 : 1;
