"""Shapes on the wire; rules are in the domain."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.core.actor import ROLES
from apps.rest.serializers import AggregateSerializer, StrictSerializer
from apps.rest.wire import wrong_type
from catalog_services.identity.domain.user import USERNAME_PATTERN, USERNAME_RULE
from catalog_services.identity.models import User
from catalog_services.identity.selectors.users import user_state

LONGEST_PASSWORD = 1024
LONGEST_TOKEN = 4096


class OAuthSerializer(serializers.Serializer[Any]):
    """A token request: texts must be texts, and what is not declared is ignored (RFC 6749, 3.2)."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            given = {name: wrong_type(field, data.get(name)) for name, field in self.fields.items()}
            if wrong := {name: [message] for name, message in given.items() if message}:
                raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


class CredentialsSerializer(OAuthSerializer):
    """The OAuth 2 password form."""

    username = serializers.CharField(max_length=150, trim_whitespace=False)
    password = serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False)


class RefreshTokenSerializer(OAuthSerializer):
    refresh_token = serializers.CharField(max_length=LONGEST_TOKEN, trim_whitespace=False)


class ClientCredentialsSerializer(OAuthSerializer):
    """RFC 6749, 4.4.2; id and secret may come as HTTP Basic instead."""

    grant_type = serializers.ChoiceField(choices=["client_credentials"])
    client_id = serializers.CharField(max_length=100, required=False, trim_whitespace=False)
    client_secret = serializers.CharField(max_length=LONGEST_PASSWORD, required=False, trim_whitespace=False)


class BearerSerializer(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    token_type = serializers.ChoiceField(choices=["bearer"])
    expires_in = serializers.IntegerField(help_text="Seconds.")


class TokenPairSerializer(BearerSerializer):
    refresh_token = serializers.CharField()


class PublicKeySerializer(serializers.Serializer[Any]):
    public_key = serializers.CharField(help_text="PEM")
    algorithm = serializers.CharField()
    kid = serializers.CharField()


class JwkSerializer(serializers.Serializer[Any]):
    kty = serializers.CharField()
    use = serializers.CharField()
    alg = serializers.CharField()
    kid = serializers.CharField()
    n = serializers.CharField()
    e = serializers.CharField()


class JwksSerializer(serializers.Serializer[Any]):
    keys = JwkSerializer(many=True)


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    username = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField(), help_text="A person's roles, or `service`.")


class UserWriteSerializer(StrictSerializer):
    """``password`` is needed to create and optional to change."""

    username = serializers.RegexField(
        USERNAME_PATTERN,
        trim_whitespace=False,
        help_text=USERNAME_RULE,
        error_messages={"invalid": USERNAME_RULE},
    )
    password = serializers.CharField(
        min_length=10, max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True, required=False
    )
    email = serializers.EmailField(max_length=254, allow_blank=True, default="")
    roles = serializers.ListField(
        child=serializers.ChoiceField(choices=ROLES), max_length=len(ROLES), default=list
    )
    is_active = serializers.BooleanField(default=True)
    external_id = serializers.CharField(max_length=200, allow_null=True, default=None)


class UserSerializer(AggregateSerializer):
    username = serializers.CharField()
    email = serializers.CharField(allow_blank=True)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES))
    is_active = serializers.BooleanField()
    last_login = serializers.DateTimeField(allow_null=True)
    password_changed_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: User) -> dict[str, Any]:
        return user_state(instance)
