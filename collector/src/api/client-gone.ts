import type { FastifyReply, FastifyRequest } from 'fastify';

/** Aborted when the client leaves before its answer is complete. */
export function clientGone(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const { socket } = request.raw;
  const leave = (): void => {
    if (!reply.raw.writableFinished) controller.abort();
  };
  socket.once('close', leave);
  reply.raw.once('finish', () => socket.off('close', leave));
  return controller.signal;
}
