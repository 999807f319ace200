import type { Level } from '../gpio/gpio-line';

/** What an {@link EdgeGate} goes by; times are in milliseconds. */
export interface EdgeGateSettings {
  /** The change that counts: to high, or to low. */
  edge: 'rising' | 'falling';
  /** After a change that was taken for real, changes that follow each other within this time are the contact bouncing. */
  debounce: number;
  /** The shortest time between two fires; less than 20 counts as 20. */
  cooldown: number;
}

/** The shortest time between two fires in milliseconds, whatever is set: noise without it would flood all the rest. */
const shortestCooldown = 20;

/** How many times the debounce time a bounce may last. */
const longestBounce = 5;

/**
 * Decides which changes of a GPIO line fire: at the first edge, not after it, because a picture that comes late misses
 * what it should show. Under noise it still fires, once a cooldown.
 */
export class EdgeGate {
  private readonly settings: EdgeGateSettings;
  private readonly active: Level;
  /** The level as last told. */
  private told: Level;
  /** The level without the bouncing. */
  private level: Level;
  private changedAt = Number.NEGATIVE_INFINITY;
  private edgeAt = Number.NEGATIVE_INFINITY;
  private closedUntil: number;

  /**
   * @param level the line's level at the start; a button that is held then has to be let go first
   * @param closedUntil before this time nothing fires
   */
  constructor(settings: EdgeGateSettings, level: Level, closedUntil = Number.NEGATIVE_INFINITY) {
    this.settings = settings;
    this.active = settings.edge === 'rising' ? 1 : 0;
    this.told = level;
    this.level = level;
    this.closedUntil = closedUntil;
  }

  /** Takes in an edge: the level after it, and the time in milliseconds of a clock that never jumps. Is it to fire? */
  fires(level: Level, now: number): boolean {
    const bounces = this.bounces(now);
    this.edgeAt = now;
    if (bounces) {
      this.told = level;
      return false;
    }
    // While the contact bounced the line may have come to rest on the other level: a very short press.
    this.level = this.told;
    this.told = level;
    // An edge that ends where it began was a pulse, shorter than the time it took to read the line.
    const pulse = level === this.level;
    if (pulse && level === this.active) return false;
    this.level = level;
    this.changedAt = now;
    if ((level !== this.active && !pulse) || now < this.closedUntil) return false;
    this.rest(now);
    return true;
  }

  /** Whether a bounce, as far as it was seen, has ended on the other level than before it. */
  get unsettled(): boolean {
    return this.told !== this.level;
  }

  /**
   * Takes in that time has passed without an edge. Is it to fire? That is so after a press which a busy machine saw so
   * late that it looked like the bouncing of the release before it.
   */
  settles(now: number): boolean {
    if (!this.unsettled || this.bounces(now)) return false;
    this.level = this.told;
    this.changedAt = now;
    if (this.level !== this.active || now < this.closedUntil) return false;
    this.rest(now);
    return true;
  }

  /** Lets nothing fire for the cooldown from now on, because something else has just fired. */
  rest(now: number): void {
    this.closedUntil = now + Math.max(this.settings.cooldown, shortestCooldown);
  }

  /** Does a contact that has changed still bounce? */
  private bounces(now: number): boolean {
    const { debounce } = this.settings;
    // A busy machine sees the edges of one bounce late and apart; but noise that never ends must not silence the line.
    return now - this.edgeAt < debounce && now - this.changedAt < longestBounce * debounce;
  }
}
